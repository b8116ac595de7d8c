import { backoffMs } from './backoff';

test('waits double, stay under the cap, and are jittered by half', () => {
  expect([1, 2, 3, 20].map((failures) => backoffMs(failures, () => 1))).toEqual([500, 1000, 2000, 20_000]);
  expect(backoffMs(3, () => 0)).toBe(1000);
});
