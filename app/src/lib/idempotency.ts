import { randomId } from './random';

/**
 * Keys for requests that create or spend. One attempt has one key until the server's answer is known, so that a double
 * tap, a lost answer and a retry all mean the same order. Another payload is another attempt.
 */
export interface KeyKeeper {
  keyFor: (attempt: string, payload: unknown) => string;
  /** The server answered (with success or a refusal): the next try is a new attempt. */
  settle: (attempt: string) => void;
}

export function keyKeeper(makeKey: () => string = randomId): KeyKeeper {
  const open = new Map<string, { payload: string; key: string }>();
  return {
    keyFor: (attempt, payload) => {
      const text = JSON.stringify(payload ?? null);
      const known = open.get(attempt);
      if (known && known.payload === text) return known.key;
      const key = makeKey();
      open.set(attempt, { payload: text, key });
      return key;
    },
    settle: (attempt) => {
      open.delete(attempt);
    },
  };
}

export const keys: KeyKeeper = keyKeeper();
