import { queryOptions, useQuery } from '@tanstack/react-query';

import type { AppConfig } from '@/api/types';
import { getConfig } from '@/lib/api';

export const configQuery = queryOptions({
  queryKey: ['config'],
  queryFn: ({ signal }) => getConfig({ signal }),
  staleTime: 60 * 60_000,
});

export function useConfig(): AppConfig | undefined {
  return useQuery(configQuery).data;
}
