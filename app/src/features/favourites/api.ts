import { useMutation, useQueryClient } from '@tanstack/react-query';

import type { Favourite } from '@/api/types';
import { removeFavourite, renameFavourite } from '@/lib/api/people';
import { mine } from '@/lib/queries/mine';

export function useRename() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) => renameFavourite(id, name.trim()),
    onSuccess: () => queries.invalidateQueries({ queryKey: mine('favourites') }),
  });
}

/** Gone from the list once the server has forgotten it. */
export function useRemove() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: removeFavourite,
    onSuccess: (_, id) => {
      queries.setQueriesData<Favourite[]>({ queryKey: mine('favourites') }, (list) => list?.filter((one) => one.id !== id));
    },
  });
}
