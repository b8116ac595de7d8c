import { QueryClient } from '@tanstack/react-query';

import { ApiError } from './api/errors';

const TRIES = 3;

/** Server state of the whole app. Refusals are final; lost answers are asked for again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < TRIES - 1 && !(error instanceof ApiError && error.status < 500),
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
