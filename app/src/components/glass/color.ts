/** Colours as numbers. Mixing happens in OKLab, where halfway between two colours looks halfway. */

export type Rgb = readonly [number, number, number];

export function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  return Number.isNaN(value) ? [200, 200, 200] : [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function toHex(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(Math.min(255, Math.max(0, part))).toString(16).padStart(2, '0')).join('')}`;
}

function linear(part: number): number {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function gamma(part: number): number {
  const share = Math.min(1, Math.max(0, part));
  return 255 * (share <= 0.0031308 ? share * 12.92 : 1.055 * share ** (1 / 2.4) - 0.055);
}

/** Björn Ottosson's OKLab, https://bottosson.github.io/posts/oklab/ (2020). */
function toLab([red, green, blue]: Rgb): Rgb {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([light, a, b]: Rgb): Rgb {
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The colour between two; `vivid` above 1 keeps a border of two liquids from looking muddy. */
export function mix(one: Rgb, other: Rgb, share = 0.5, vivid = 1): Rgb {
  const [first, second] = [toLab(one), toLab(other)];
  const between = (index: 0 | 1 | 2) => first[index] + (second[index] - first[index]) * share;
  return fromLab([between(0), between(1) * vivid, between(2) * vivid]);
}

/** A liquid with light behind it: the same colour, a little stronger. */
export function lit(rgb: Rgb): Rgb {
  const [light, a, b] = toLab(rgb);
  return fromLab([light, a * 1.22, b * 1.22]);
}

/** Perceived lightness, 0 to 1. */
export function lightness(rgb: Rgb): number {
  return toLab(rgb)[0];
}

/** How a drink looks that can't be had right now: its own shade, nearly grey. */
export function faded(rgb: Rgb): Rgb {
  const [light, a, b] = toLab(rgb);
  return fromLab([0.25 + light * 0.6, a * 0.12, b * 0.12]);
}
