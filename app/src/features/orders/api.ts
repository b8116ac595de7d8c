import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';

import type { Order } from '@/api/types';
import { ApiError, getOrder, listOrders } from '@/lib/api';
import { forgetOrder, listRemembered, rememberedOrders } from '@/lib/order-tokens';
import { meQuery } from '@/lib/queries/me';
import { orderQuery } from '@/lib/queries/order';
import { useStore } from '@/lib/store';

import { mergeOrders } from './model';

/** The account's orders, page by page, newest first. */
function useOwnOrders(signedIn: boolean) {
  return useInfiniteQuery({
    queryKey: ['orders'],
    queryFn: ({ pageParam, signal }) => listOrders(pageParam, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: signedIn,
  });
}

/** The orders that a guest made on this device, newest first; one whose secret opens nothing any more is forgotten. */
function useRememberedOrders() {
  useStore(rememberedOrders);
  const remembered = listRemembered();
  return useQueries({
    queries: remembered.map(({ id }) => ({
      ...orderQuery(id),
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        try {
          return await getOrder(id, { signal });
        } catch (error) {
          if (error instanceof ApiError && error.status === 404) forgetOrder(id);
          throw error;
        }
      },
    })),
    combine: (results) => ({
      orders: results.flatMap((result): Order[] => (result.data ? [result.data] : [])),
      waiting: results.some((result) => result.isPending),
      error: results.find((result) => result.error)?.error ?? null,
      retry: () => results.forEach((result) => void (result.error && result.refetch())),
    }),
  });
}

/** The account's orders and the guest's of this device as one list, newest first. */
export function useAllOrders() {
  const who = useQuery(meQuery);
  const me = who.data;
  const own = useOwnOrders(Boolean(me));
  const remembered = useRememberedOrders();
  // A session that ended leaves the list that was loaded behind.
  const pages = me ? (own.data?.pages ?? []) : [];
  return {
    me,
    orders: mergeOrders(pages.flatMap((page) => page.items), remembered.orders),
    waiting: (me === undefined && !who.error) || own.isLoading || remembered.waiting,
    error: who.error ?? own.error ?? remembered.error,
    retry: () => {
      if (who.error) void who.refetch();
      if (own.error) void own.refetch();
      remembered.retry();
    },
    older: me && own.hasNextPage ? { busy: own.isFetchingNextPage, show: () => void own.fetchNextPage() } : null,
  };
}
