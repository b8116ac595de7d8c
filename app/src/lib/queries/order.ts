import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import type { Order } from '@/api/types';
import { cancelOrder, getOrder } from '@/lib/api';
import { queryClient } from '@/lib/query-client';

export function orderKey(id: string): readonly ['order', string] {
  return ['order', id];
}

export function orderQuery(id: string) {
  return queryOptions({ queryKey: orderKey(id), queryFn: ({ signal }) => getOrder(id, { signal }) });
}

/** Takes over an order from an answer or the live stream, unless a newer one is known already. */
export function takeOrder(order: Order): void {
  queryClient.setQueryData<Order>(orderKey(order.id), (known) =>
    known && known.version > order.version ? known : order,
  );
}

/** Cancels an order that no robot has; what was paid goes back by itself. */
export function useCancel(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => cancelOrder(id, null),
    onSuccess: (order) => {
      takeOrder(order);
      void queries.invalidateQueries({ queryKey: ['orders'] });
    },
  });
}
