import { parseHex, type Rgb } from './color';
import type { Layer } from './model';

const STRAWS = { pop: '#C91558', leaf: '#1B6E47', plum: '#5B4F8C' } as const;

function hue([red, green, blue]: Rgb): number {
  const top = Math.max(red, green, blue);
  const range = top - Math.min(red, green, blue);
  if (range < 12) return 0;
  const sixth = top === red ? ((green - blue) / range + 6) % 6 : top === green ? (blue - red) / range + 2 : (red - green) / range + 4;
  return sixth * 60;
}

/** A straw that goes with the drink: green with yellow and green ones, plum with blue and violet ones, else pop. */
export function strawFor(layers: readonly Layer[]): string {
  const first = layers[0];
  if (!first) return STRAWS.pop;
  const turn = hue(parseHex(first.color));
  if (turn > 42 && turn < 190) return STRAWS.leaf;
  return turn >= 190 && turn < 320 ? STRAWS.plum : STRAWS.pop;
}
