import { queryOptions, useQuery } from '@tanstack/react-query';

import type { SavedCard } from '@/api/types';
import { listCards } from '@/lib/api/cards';

import { useMe } from './me';

export const cardsKey = ['cards'] as const;

/** The saved cards, asked of the payment provider through the server; the default one comes first. */
export const cardsQuery = queryOptions({
  queryKey: cardsKey,
  queryFn: async ({ signal }): Promise<SavedCard[]> => (await listCards({ signal })).items,
  staleTime: 60_000,
  retry: 1,
});

/** Nothing is asked for guests: they have no cards. */
export function useSavedCards() {
  const me = useMe();
  return useQuery({ ...cardsQuery, enabled: Boolean(me) });
}
