import { bubblesIn } from './bubble-field';
import { CUP_HEIGHT, shapeFor, stopsFor, type Liquid } from './geometry';

const dark: Liquid = { color: [90, 42, 24], opacity: 1, share: 3 };
const light: Liquid = { color: [248, 227, 184], opacity: 0.5, share: 1 };

describe('liquids', () => {
  it('fill the whole height in order, each pure in its middle', () => {
    const stops = stopsFor([dark, light]);
    const offsets = stops.map((stop) => stop.offset);
    expect(offsets).toEqual([...offsets].sort((one, other) => one - other));
    expect(offsets.at(0)).toBe(0);
    expect(offsets.at(-1)).toBeCloseTo(1);
    expect(stops.at(0)).toMatchObject({ color: '#5a2a18', opacity: 1 });
    expect(stops.at(-1)).toMatchObject({ color: '#f8e3b8', opacity: 0.5 });
  });

  it('meet at their share, half as dense as both', () => {
    expect(stopsFor([dark, light])[2]).toMatchObject({ offset: 0.75, opacity: 0.75 });
  });

  it('are none in an empty glass', () => {
    expect(stopsFor([])).toEqual([]);
  });
});

describe('the glass', () => {
  it('rises with the cup and stands on the same foot', () => {
    const [small, large] = [shapeFor(CUP_HEIGHT.small), shapeFor(CUP_HEIGHT.large)];
    expect(large.rim).toBeLessThan(small.rim);
    expect(large.bottom).toBe(small.bottom);
    expect(small.half(small.rim)).toBeGreaterThan(small.half(small.bottom));
  });

  it('keeps bubbles inside the drink', () => {
    const shape = shapeFor(CUP_HEIGHT.medium);
    for (const bubble of bubblesIn(shape, shape.full, 1)) {
      expect(bubble.y - bubble.rise).toBeGreaterThanOrEqual(shape.full);
      expect(bubble.y).toBeLessThan(shape.bottom);
    }
    expect(bubblesIn(shape, shape.bottom - 10, 1)).toEqual([]);
  });
});
