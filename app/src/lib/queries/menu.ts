import { queryOptions, useQuery } from '@tanstack/react-query';

import { getMenu } from '@/lib/api';

/** An unchanged menu costs a 304, so availability may be asked for often while the page is shown. */
const EVERY_MS = 15_000;

export function menuQuery(slug: string) {
  return queryOptions({
    queryKey: ['menu', slug],
    queryFn: ({ signal }) => getMenu(slug, { signal }),
    refetchInterval: EVERY_MS,
  });
}

export function useMenu(slug: string) {
  return useQuery(menuQuery(slug));
}
