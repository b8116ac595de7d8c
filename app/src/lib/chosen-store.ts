import { storage } from './storage';
import { createStore, useStore } from './store';

const KEY = 'store';

/** Slug of the store that this device orders from; undefined until it was read. */
export const chosenStore = createStore<string | null | undefined>(undefined);

export function getChosenStore(): string | null {
  const known = chosenStore.get();
  if (known !== undefined) return known;
  const read = storage.get(KEY);
  chosenStore.set(read);
  return read;
}

/** The same, followed while it changes. */
export function useChosenStore(): string | null {
  return useStore(chosenStore) ?? getChosenStore();
}

export function chooseStore(slug: string): void {
  storage.set(KEY, slug);
  chosenStore.set(slug);
}
