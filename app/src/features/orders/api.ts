import { useInfiniteQuery, useQueries } from '@tanstack/react-query';

import type { Order } from '@/api/types';
import { listOrders } from '@/lib/api';
import { listRemembered, rememberedOrders } from '@/lib/order-tokens';
import { orderQuery } from '@/lib/queries/order';
import { useStore } from '@/lib/store';

/** The account's orders, page by page, newest first. */
export function useOwnOrders(signedIn: boolean) {
  return useInfiniteQuery({
    queryKey: ['orders'],
    queryFn: ({ pageParam, signal }) => listOrders(pageParam, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: signedIn,
  });
}

/** The orders whose secret this device holds, newest first. */
export function useRememberedOrders() {
  useStore(rememberedOrders);
  const remembered = listRemembered();
  return useQueries({
    queries: remembered.map(({ id }) => orderQuery(id)),
    combine: (results) => ({
      orders: results.flatMap((result): Order[] => (result.data ? [result.data] : [])),
      waiting: results.some((result) => result.isPending),
      error: results.find((result) => result.error)?.error ?? null,
    }),
  });
}
