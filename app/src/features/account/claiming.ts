import { useMutation, useQueryClient } from '@tanstack/react-query';

import { claimOrders } from '@/lib/api/people';
import { forgetOrder, type RememberedOrder } from '@/lib/order-tokens';

/** As many as one request may name. */
const AT_ONCE = 50;

/** Into the account, and off the device: who signs out leaves nothing behind. */
export function useClaimOrders() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (orders: readonly RememberedOrder[]) => {
      const claimed = await claimOrders(orders.slice(0, AT_ONCE));
      for (const id of claimed) forgetOrder(id);
      return { claimed: claimed.length, left: orders.length - claimed.length };
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['orders'] }),
  });
}
