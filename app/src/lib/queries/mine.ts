import { queryOptions, useQuery } from '@tanstack/react-query';

import { getMessageSettings, getPreferences, listFavourites } from '@/lib/api/people';

import { useMe } from './me';

/** All of one person's own: forgotten together when somebody else signs in. */
export const mineKey = ['mine'] as const;

export function mine<Part extends string>(part: Part) {
  return [...mineKey, part] as const;
}

export const messagesQuery = queryOptions({
  queryKey: mine('messages'),
  queryFn: ({ signal }) => getMessageSettings({ signal }),
  staleTime: 60_000,
});

export const preferencesQuery = queryOptions({
  queryKey: mine('preferences'),
  queryFn: ({ signal }) => getPreferences({ signal }),
  staleTime: 5 * 60_000,
});

/** By the stock of a store, which changes while one looks. */
export function favouritesQuery(store: string | null) {
  return queryOptions({
    queryKey: [...mine('favourites'), store],
    queryFn: ({ signal }) => listFavourites(store, { signal }),
    refetchInterval: 30_000,
  });
}

/** Why mail to the person does not arrive; null while all is well or unknown. */
export function useAddressProblem() {
  const me = useMe();
  const settings = useQuery({ ...messagesQuery, enabled: Boolean(me) });
  return settings.data?.address_problem ? settings.data : null;
}
