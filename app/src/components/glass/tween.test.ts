import { poseBetween, poseFor } from './tween';

const cola = { key: 'cola', color: '#5a2a18', opacity: 1, share: 2 };
const peach = { key: 'peach', color: '#f0944a', opacity: 1, share: 2 };

it('shares add up to one', () => {
  expect(poseFor([cola, peach], 1, 150, false).parts.map((part) => part.share)).toEqual([0.5, 0.5]);
});

it('lets a new liquid grow from nothing and an old one shrink to nothing', () => {
  const before = poseFor([cola], 1, 150, false);
  const after = poseFor([peach], 0.5, 170, false);
  const middle = poseBetween(before, after, 0.5);
  expect(middle.parts.map((part) => [part.key, part.share])).toEqual([['cola', 0.5], ['peach', 0.5]]);
  expect(middle).toMatchObject({ fill: 0.75, height: 160 });
  expect(poseBetween(before, after, 1)).toBe(after);
});

it('keeps the fill between empty and full', () => {
  expect(poseFor([], 7, 150, false).fill).toBe(1);
  expect(poseFor([], -1, 150, false).fill).toBe(0);
});

it('greys a drink that is sold out', () => {
  const [red, green, blue] = poseFor([peach], 1, 150, true).parts[0]!.color;
  expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(40);
});
