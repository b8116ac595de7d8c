import type { KeptValues } from './storage-types';

export type { KeptValues } from './storage-types';

/** Private windows may refuse storage; then values live as long as the page does. */
function keptIn(prefix: string): KeptValues {
  const memory = new Map<string, string>();
  const attempt = <Result>(action: () => Result, otherwise: Result): Result => {
    try {
      return action();
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => attempt(() => window.localStorage.getItem(prefix + key), null) ?? memory.get(key) ?? null,
    set: (key, value) => {
      memory.set(key, value);
      attempt(() => window.localStorage.setItem(prefix + key, value), undefined);
    },
    remove: (key) => {
      memory.delete(key);
      attempt(() => window.localStorage.removeItem(prefix + key), undefined);
    },
    onOtherTab: (key, listener) => {
      // The key is null when everything was cleared.
      const heard = (event: StorageEvent) => {
        if (event.key !== prefix + key && event.key !== null) return;
        memory.delete(key);
        listener();
      };
      window.addEventListener('storage', heard);
      return () => window.removeEventListener('storage', heard);
    },
  };
}

/** Plain values of this device: the chosen store, the cart. */
export const storage: KeptValues = keptIn('codepop.');

/** Secrets of this device: the tokens of guests' orders. */
export const secrets: KeptValues = keptIn('codepop.secret.');

/** The browser's storage is there at once. */
export function openStorage(): Promise<void> {
  return Promise.resolve();
}
