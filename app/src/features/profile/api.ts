import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { forgetHealthNotes, getHealthNotes, setHealthNotes, setName, setPreferences } from '@/lib/api/people';
import { meKey } from '@/lib/queries/me';
import { mine } from '@/lib/queries/mine';

export const healthQuery = queryOptions({
  queryKey: mine('health'), queryFn: ({ signal }) => getHealthNotes({ signal }), staleTime: 5 * 60_000,
});

export function useSetName() {
  const queries = useQueryClient();
  return useMutation({ mutationFn: setName, onSuccess: (me) => queries.setQueryData(meKey, me) });
}

export function useSetPreferences() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: setPreferences, onSuccess: (preferences) => queries.setQueryData(mine('preferences'), preferences),
  });
}

/** Warnings of favourites follow from them, and keeping them is a consent. */
function lookAgain(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: mine('favourites') });
  void queries.invalidateQueries({ queryKey: mine('privacy') });
}

export function useSetHealth() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: setHealthNotes,
    onSuccess: (notes) => {
      queries.setQueryData(mine('health'), notes);
      lookAgain(queries);
    },
  });
}

export function useForgetHealth() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: forgetHealthNotes,
    onSuccess: () => {
      queries.setQueryData(mine('health'), { kept: false, allergies: [], diets: [] });
      lookAgain(queries);
    },
  });
}
