import { queryOptions, useQuery } from '@tanstack/react-query';

import type { AppConfig } from '@/api/types';
import { getConfig } from '@/lib/api';

/** Without it nothing can be paid or followed. */
const AGAIN_MS = 5000;

export const configQuery = queryOptions({
  queryKey: ['config'],
  queryFn: ({ signal }) => getConfig({ signal }),
  staleTime: 60 * 60_000,
  refetchInterval: ({ state }) => (state.data ? false : AGAIN_MS),
});

export function useConfig(): AppConfig | undefined {
  return useQuery(configQuery).data;
}
