import { CENTER, type Shape } from './geometry';

export interface Bubble {
  x: number;
  y: number;
  r: number;
  /** How far up it may rise, and its pace. */
  rise: number;
  seconds: number;
  after: number;
}

/** Across (-1 to 1), depth (0 surface to 1 bottom), radius. */
const FIELD: readonly [number, number, number][] = [
  [-0.62, 0.6, 2.2], [-0.4, 0.78, 3], [-0.12, 0.68, 2], [0.16, 0.86, 2.6], [0.44, 0.58, 3.2], [0.66, 0.72, 2],
  [-0.72, 0.88, 1.8], [0.3, 0.44, 1.8], [-0.28, 0.5, 2.6], [0.58, 0.92, 2.2], [0.02, 0.94, 1.8], [-0.5, 0.36, 1.6],
];

/** Where bubbles stand in a drink whose surface is at `surface`. */
export function bubblesIn(shape: Shape, surface: number, amount: number): Bubble[] {
  const depth = shape.bottom - surface;
  if (depth < 24) return [];
  return FIELD.slice(0, Math.round(FIELD.length * amount)).map(([across, down, r], index) => {
    const y = surface + depth * down * 0.96;
    return {
      x: CENTER + across * (shape.half(y) - 12),
      y,
      r,
      rise: Math.max(0, y - surface - 6),
      seconds: 2.6 + (index % 4) * 0.7,
      after: -((index * 1.3) % 4),
    };
  });
}
