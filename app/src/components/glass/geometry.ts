import { lightness, mix, toHex, type Rgb } from './color';

/** The part of the drawing's grid that is shown. The rim rises with the size of the cup; the foot stays. */
export const VIEW = { x: 22, y: 20, width: 156, height: 214 } as const;
const FOOT = { y: 230, half: 51, corner: 12 };
const RIM_HALF = 69;
const CENTER = 100;
/** Room between liquid and rim, and the thickness of the glass. */
const HEAD = 12;
const WALL = 3;

export type Cup = 'small' | 'medium' | 'large';
export const CUP_HEIGHT: Record<Cup, number> = { small: 134, medium: 148, large: 162 };

export interface Shape {
  rim: number;
  /** Half of the width at a height. */
  half: (y: number) => number;
  outline: string;
  inside: string;
  /** Surface of the liquid when full, and the bottom of it. */
  full: number;
  bottom: number;
}

function tumbler(rim: number, half: (y: number) => number, inset: number): string {
  const foot = FOOT.y - inset;
  const corner = FOOT.corner - inset / 2;
  const left = (y: number) => (CENTER - half(y) + inset).toFixed(2);
  const right = (y: number) => (CENTER + half(y) - inset).toFixed(2);
  const lower = foot - corner;
  const start = (CENTER - half(foot) + inset + corner).toFixed(2);
  const end = (CENTER + half(foot) - inset - corner).toFixed(2);
  return (
    `M${left(rim)} ${rim.toFixed(2)} L${left(lower)} ${lower} Q${left(foot)} ${foot} ${start} ${foot} ` +
    `L${end} ${foot} Q${right(foot)} ${foot} ${right(lower)} ${lower} L${right(rim)} ${rim.toFixed(2)} Z`
  );
}

/** The glass for a height between those of CUP_HEIGHT. */
export function shapeFor(height: number): Shape {
  const rim = FOOT.y - height;
  const half = (y: number) => FOOT.half + (RIM_HALF - FOOT.half) * ((FOOT.y - y) / height);
  return {
    rim,
    half,
    outline: tumbler(rim, half, 0),
    inside: tumbler(rim, half, WALL),
    full: rim + HEAD,
    bottom: FOOT.y - WALL,
  };
}

export interface Stop {
  offset: number;
  color: string;
  opacity: number;
}

export interface Liquid {
  color: Rgb;
  opacity: number;
  share: number;
}

/** How far two liquids run into each other, in parts of the whole. */
const BLEND = 0.17;

/** Where dark meets light the mixture glows a little, as it does when one holds the cup against the light. */
function border(lower: Rgb, upper: Rgb): Rgb {
  const apart = Math.abs(lightness(lower) - lightness(upper));
  return mix(lower, upper, 0.46, 1 + 0.35 * Math.min(1, apart * 2));
}

/** Gradient from the bottom (0) to the surface (1): each liquid pure in its middle, soft at its borders. */
export function stopsFor(liquids: readonly Liquid[]): Stop[] {
  const total = liquids.reduce((sum, liquid) => sum + liquid.share, 0);
  if (total <= 0) return [];
  const stops: Stop[] = [];
  let at = 0;
  liquids.forEach((liquid, index) => {
    const part = liquid.share / total;
    const next = liquids[index + 1];
    const previous = liquids[index - 1];
    const soft = (other: Liquid | undefined) => (other ? Math.min(BLEND, part * 0.46, (other.share / total) * 0.46) : 0);
    const color = toHex(liquid.color);
    stops.push({ offset: at + soft(previous), color, opacity: liquid.opacity });
    stops.push({ offset: at + part - soft(next), color, opacity: liquid.opacity });
    at += part;
    if (next) {
      const opacity = (liquid.opacity + next.opacity) / 2;
      stops.push({ offset: at, color: toHex(border(liquid.color, next.color)), opacity });
    }
  });
  return stops;
}

export { CENTER };
