import { useDeferredValue } from 'react';

/**
 * A long list in two steps: what fills the screen is drawn at once, the rest follows in pieces that give way to taps.
 * `items` must stay the same object while nothing changes.
 */
export function useGradually<Item>(items: readonly Item[], first: number): readonly Item[] {
  return useDeferredValue(items, items.slice(0, first));
}

/** What arrived from the server, drawn in pieces that give way to taps; the last value stands until then. */
export function useUnhurried<Value>(value: Value): Value {
  return useDeferredValue(value);
}
