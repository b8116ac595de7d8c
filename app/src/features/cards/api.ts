import { useMutation, useQueryClient } from '@tanstack/react-query';

import type { SavedCard } from '@/api/types';
import { removeCard, setDefaultCard, startSavingCard } from '@/lib/api/cards';
import { cardsKey } from '@/lib/queries/cards';

/** Every change answers with the cards as they then are. */
function useCardChange(change: (id: string) => Promise<{ items: SavedCard[] }>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: ({ items }) => queries.setQueryData(cardsKey, items),
    onError: () => void queries.invalidateQueries({ queryKey: cardsKey }),
  });
}

export function useChooseDefault() {
  return useCardChange(setDefaultCard);
}

export function useRemoveCard() {
  return useCardChange(removeCard);
}

/** The secret for the provider's form. */
export function useStartSaving() {
  return useMutation({ mutationFn: startSavingCard });
}

export function useCardSaved(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: cardsKey });
}
