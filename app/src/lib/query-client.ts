import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

import { ApiError } from './api/errors';

const TRIES = 3;

/** The session may have ended on another device: then every page must know that nobody is signed in here. */
function lookWhoIsHere(error: Error): void {
  if (error instanceof ApiError && error.status === 401) void queryClient.invalidateQueries({ queryKey: ['me'] });
}

/** Server state of the whole app. Refusals are final; lost answers are asked for again. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: lookWhoIsHere }),
  mutationCache: new MutationCache({ onError: lookWhoIsHere }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < TRIES - 1 && !(error instanceof ApiError && error.status < 500),
      networkMode: 'always',
      refetchOnReconnect: true,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
