import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query';

import type { Me } from '@/api/types';
import { ApiError, getMe } from '@/lib/api';
import { forgetOwnOrders } from '@/lib/order-tokens';

export const meKey = ['me'] as const;

const PERSONAL = ['orders', 'cards', 'order', 'mine'];

/** Drops all that belongs to one person: none of it may outlive a change of who that is. */
export function forgetPersonal(queries: QueryClient): void {
  for (const key of PERSONAL) queries.removeQueries({ queryKey: [key] });
  forgetOwnOrders();
}

/** Who is signed in; null for a guest. */
export const meQuery = queryOptions({
  queryKey: meKey,
  queryFn: async ({ signal, client }): Promise<Me | null> => {
    try {
      return await getMe({ signal });
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 403)) throw error;
      // The session may have ended elsewhere, or while the app was closed.
      if (client.getQueryData(meKey)) forgetPersonal(client);
      else forgetOwnOrders();
      return null;
    }
  },
  staleTime: 5 * 60_000,
});

/** undefined while unknown, null for a guest. */
export function useMe(): Me | null | undefined {
  return useQuery(meQuery).data;
}
