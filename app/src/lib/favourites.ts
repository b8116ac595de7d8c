import { useMutation, useQueryClient } from '@tanstack/react-query';

import type { LineRequest } from '@/api/types';
import { keepFavourite } from '@/lib/api/people';
import { mine } from '@/lib/queries/mine';

/** Keeps a drink as it is built; how many of it is no part of that. */
export function useKeepFavourite() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ quantity: _, ...line }: LineRequest) => keepFavourite(line),
    onSuccess: () => queries.invalidateQueries({ queryKey: mine('favourites') }),
  });
}
