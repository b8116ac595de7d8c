import { onArrowKeys, type KeyPress } from './web';

/** Where a key leads from the choice at `index`, when those of `off` can't be chosen. */
function after(key: string, index: number, count: number, off: readonly number[] = []): number | null {
  let at: number | null = null;
  const handlers = onArrowKeys(index, count, (to) => (at = to), (one) => off.includes(one)) as {
    onKeyDown: (event: KeyPress) => void;
  };
  handlers.onKeyDown({ key, preventDefault: () => undefined });
  return at;
}

test('arrows move in a ring, Home and End to its ends', () => {
  expect(['ArrowRight', 'ArrowUp', 'Home', 'End', 'x'].map((key) => after(key, 0, 3))).toEqual([1, 2, 0, 2, null]);
});

test('a choice that is off is stepped over, from both sides', () => {
  const off = [1, 3];
  expect(['ArrowRight', 'ArrowLeft'].map((key) => after(key, 2, 5, off))).toEqual([4, 0]);
  expect(after('ArrowRight', 0, 5, off)).toBe(2);
  expect([after('Home', 4, 5, [0, 1]), after('End', 0, 5, [4])]).toEqual([2, 3]);
});
