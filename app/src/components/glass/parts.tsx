import { Circle, G, Line, Path, Rect } from 'react-native-svg';

import type { IceLevel } from '@/api/types';

import { mix, parseHex, toHex } from './color';
import { CENTER, type Shape } from './geometry';
import type { GarnishKind, GarnishPicture } from './model';

/** Across from the middle, below the surface, turned by, side. */
const CUBES: readonly [number, number, number, number][] = [
  [-25, 15, -8, 25], [22, 17, -34, 28], [-2, 38, 24, 29], [42, 40, 12, 22], [-36, 50, 38, 23], [22, 66, -14, 26],
];
const CUBE_COUNT: Record<IceLevel, number> = { none: 0, light: 2, regular: 4, extra: 6 };

/** Cubes float under the surface and never sink through the bottom. */
export function Ice({ level, surface, bottom }: { level: IceLevel; surface: number; bottom: number }) {
  return CUBES.slice(0, CUBE_COUNT[level]).map(([across, below, turn, side]) => {
    const x = CENTER + across;
    const y = Math.min(surface + below, bottom - side * 0.6);
    return (
      <Rect
        fill="#FFFFFF"
        fillOpacity={0.3}
        height={side}
        key={`${across} ${below}`}
        origin={`${x}, ${y}`}
        rotation={turn}
        rx={6.5}
        width={side}
        x={x - side / 2}
        y={y - side / 2}
      />
    );
  });
}

/** Leans to the right, behind the drink. */
export function Straw({ rim, color }: { rim: number; color: string }) {
  return (
    <G>
      <Line stroke={color} strokeLinecap="round" strokeWidth={10} x1={116} x2={139} y1={rim + 62} y2={rim - 36} />
      <Line
        stroke="#FFFFFF"
        strokeLinecap="round"
        strokeOpacity={0.28}
        strokeWidth={2.4}
        x1={117}
        x2={137}
        y1={rim + 46}
        y2={rim - 34}
      />
    </G>
  );
}

/** Puffs along the rim: across, above the rim, radius. */
const PUFFS: readonly [number, number, number][] = [
  [-48, -1, 14], [-30, 8, 17], [-7, 12, 19], [17, 6, 16], [36, -1, 13], [51, -4, 10],
];

export function CreamCap({ rim, color }: { rim: number; color: string }) {
  const shade = toHex(mix(parseHex(color), [150, 110, 70], 0.16));
  return (
    <G>
      {PUFFS.map(([across, up, r]) => (
        <Circle cx={CENTER + across} cy={rim - up + 3} fill={shade} key={`s${across}`} r={r} />
      ))}
      {PUFFS.map(([across, up, r]) => (
        <Circle cx={CENTER + across - 1} cy={rim - up} fill={color} key={`f${across}`} r={r - 0.5} />
      ))}
      <Path
        d={`M${CENTER - 18} ${rim - 14} q8 -9 18 -5 M${CENTER + 8} ${rim - 11} q7 -4 12 1`}
        fill="none"
        stroke={shade}
        strokeLinecap="round"
        strokeWidth={2}
      />
    </G>
  );
}

function Scoop({ x, y, color }: { x: number; y: number; color: string }) {
  const base = parseHex(color);
  const shade = toHex(mix(base, [110, 70, 50], 0.26));
  return (
    <G>
      <Circle cx={x} cy={y} fill={toHex(base)} r={35} stroke={shade} strokeOpacity={0.7} strokeWidth={1.6} />
      <Path
        d={`M${x - 37} ${y + 6} q3 13 12 8 q5 9 14 4 q8 8 16 1 q8 6 14 -2 q9 4 18 -11 q-3 -9 -10 -8 q-27 9 -54 0 q-8 0 -10 8`}
        fill={shade}
        fillOpacity={0.6}
      />
      <Path
        d={`M${x - 22} ${y - 12} q7 -14 22 -15`}
        fill="none"
        stroke="#FFFFFF"
        strokeLinecap="round"
        strokeOpacity={0.65}
        strokeWidth={5}
      />
    </G>
  );
}

/** One in the middle, or two side by side, the second behind the first. */
export function Scoops({ rim, colors }: { rim: number; colors: readonly string[] }) {
  const [first, second] = colors;
  if (first === undefined) return null;
  return (
    <G>
      {second !== undefined && <Scoop color={second} x={CENTER + 22} y={rim + 2} />}
      <Scoop color={first} x={CENTER - (second === undefined ? 14 : 24)} y={rim - 4} />
    </G>
  );
}

export function Pearls({ bottom, color }: { bottom: number; color: string }) {
  const edge = toHex(mix(parseHex(color), [20, 10, 20], 0.35));
  const rows = [
    [-34, 9], [-20, 8], [-6, 9], [8, 8], [22, 9], [35, 8], [-27, 20], [-12, 21], [2, 20], [16, 21], [30, 20], [-18, 32], [10, 32],
  ] as const;
  return rows.map(([across, up]) => (
    <G key={`${across} ${up}`}>
      <Circle cx={CENTER + across} cy={bottom - up} fill={color} r={6.6} stroke={edge} strokeWidth={1.2} />
      <Circle cx={CENTER + across - 2} cy={bottom - up - 2} fill="#FFFFFF" fillOpacity={0.6} r={1.5} />
    </G>
  ));
}

const CITRUS: Partial<Record<GarnishKind, { rind: string; flesh: string; pith: string }>> = {
  lime: { rind: '#7DB72F', flesh: '#B9DE6B', pith: '#F1FADB' },
  lemon: { rind: '#EFC32F', flesh: '#F9E27A', pith: '#FFFBE3' },
  orange: { rind: '#F08A24', flesh: '#FBB35C', pith: '#FFF1DC' },
};

function Wheel({ x, y, kind }: { x: number; y: number; kind: GarnishKind }) {
  const color = CITRUS[kind] ?? { rind: '#7DB72F', flesh: '#B9DE6B', pith: '#F1FADB' };
  return (
    <G>
      <Circle cx={x} cy={y} fill={color.rind} r={20} />
      <Circle cx={x} cy={y} fill={color.pith} r={16.4} />
      {[0, 60, 120, 180, 240, 300].map((turn) => (
        <Path
          d={`M${x} ${y - 2.4} L${x - 5.6} ${y - 12} Q${x} ${y - 16.4} ${x + 5.6} ${y - 12} Z`}
          fill={color.flesh}
          key={turn}
          origin={`${x}, ${y}`}
          rotation={turn}
          stroke={color.flesh}
          strokeLinejoin="round"
          strokeWidth={1.2}
        />
      ))}
    </G>
  );
}

function Cherry({ x, y }: { x: number; y: number }) {
  return (
    <G>
      <Path d={`M${x} ${y - 8} q1 -13 10 -17`} fill="none" stroke="#5C7A2C" strokeLinecap="round" strokeWidth={2.6} />
      <Circle cx={x} cy={y} fill="#C4122F" r={11} />
      <Path d={`M${x - 6} ${y - 3} q2 -5 6 -5`} fill="none" stroke="#FFFFFF" strokeLinecap="round" strokeOpacity={0.7} strokeWidth={2.4} />
    </G>
  );
}

function Mint({ x, y }: { x: number; y: number }) {
  const leaf = `M${x} ${y} q-16 -6 -15 -24 q16 4 15 24`;
  return (
    <G>
      <Path d={leaf} fill="#3E9C5B" origin={`${x}, ${y}`} rotation={-32} />
      <Path d={leaf} fill="#55B873" origin={`${x}, ${y}`} rotation={58} />
      <Path d={leaf} fill="#46A864" origin={`${x}, ${y}`} rotation={14} />
    </G>
  );
}

function Berries({ x, y, color }: { x: number; y: number; color: string }) {
  const [light, deep] = [toHex(mix(parseHex(color), [255, 190, 200], 0.22)), toHex(mix(parseHex(color), [40, 0, 60], 0.22))];
  return (
    <G>
      <Circle cx={x - 10} cy={y} fill={deep} r={9} />
      <Circle cx={x + 8} cy={y - 1} fill={color} r={9.5} />
      <Circle cx={x - 1} cy={y - 11} fill={light} r={8.5} />
      <Circle cx={x - 4} cy={y - 14} fill="#FFFFFF" fillOpacity={0.5} r={2} />
      <Circle cx={x - 13} cy={y - 3} fill="#FFFFFF" fillOpacity={0.4} r={2} />
    </G>
  );
}

/** Across and above, and how each crumb is turned. */
const CRUMBS: readonly [number, number, number][] = [
  [-40, 2, 20], [-30, 12, 60], [-22, 4, 10], [-12, 16, 35], [-4, 6, 70], [4, 15, 15], [14, 4, 50], [22, 10, 25], [34, 2, 65],
];

function Crumbs({ y, color }: { y: number; color: string }) {
  return CRUMBS.map(([across, up, turn]) => (
    <Rect
      fill={color}
      height={6}
      key={across}
      origin={`${CENTER + across}, ${y - up}`}
      rotation={turn}
      rx={1.6}
      width={7}
      x={CENTER + across - 3}
      y={y - up - 3}
    />
  ));
}

export interface GarnishProps {
  garnish: GarnishPicture;
  shape: Shape;
  /** Whether cream or ice cream stands above the rim. */
  capped: boolean;
}

/** What sits on the rim or on the cap. */
export function Garnish({ garnish: { kind, color }, shape, capped }: GarnishProps) {
  const top = shape.rim - (capped ? 26 : 2);
  if (kind === 'cherry') return <Cherry x={CENTER - 8} y={capped ? top : shape.full + 2} />;
  if (kind === 'mint') return <Mint x={CENTER - 22} y={top + 10} />;
  if (kind === 'berry') return <Berries color={color} x={CENTER - 14} y={capped ? top + 4 : shape.full} />;
  if (kind === 'crumble') return <Crumbs color={color} y={capped ? shape.rim - 2 : shape.full + 6} />;
  return <Wheel kind={kind} x={CENTER + shape.half(shape.rim) - 12} y={shape.rim + 2} />;
}
