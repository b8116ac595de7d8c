import { queryOptions, useQuery } from '@tanstack/react-query';

import type { Me } from '@/api/types';
import { ApiError, getMe } from '@/lib/api';

export const meKey = ['me'] as const;

/** Who is signed in; null for a guest. */
export const meQuery = queryOptions({
  queryKey: meKey,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await getMe({ signal });
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

/** undefined while unknown, null for a guest. */
export function useMe(): Me | null | undefined {
  return useQuery(meQuery).data;
}
