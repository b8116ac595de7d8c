import { useEffect, useRef, useState } from 'react';

import { faded, lit, parseHex, type Rgb } from './color';
import type { Liquid } from './geometry';
import type { Layer } from './model';

interface Part extends Liquid {
  key: string;
}

/** Everything about a glass that moves. */
export interface Pose {
  parts: Part[];
  fill: number;
  height: number;
}

const DURATION_MS = 420;

export function poseFor(layers: readonly Layer[], fill: number, height: number, muted: boolean): Pose {
  const parts = layers.map(({ key, color, opacity, share }) => {
    const rgb = parseHex(color);
    return { key, color: muted ? faded(rgb) : lit(rgb), opacity, share };
  });
  const total = parts.reduce((sum, part) => sum + part.share, 0) || 1;
  return { parts: parts.map((part) => ({ ...part, share: part.share / total })), fill: Math.min(1, Math.max(0, fill)), height };
}

/** Parts of both poses in the order of the new one; those that go stay in place while they shrink. */
function union(from: Pose, to: Pose): Part[] {
  const kept = new Set(to.parts.map((part) => part.key));
  const parts = [...to.parts];
  from.parts.forEach((part, index) => {
    if (!kept.has(part.key)) parts.splice(Math.min(index, parts.length), 0, { ...part, share: 0 });
  });
  return parts;
}

const between = (from: number, to: number, share: number) => from + (to - from) * share;

function blend(from: Rgb, to: Rgb, share: number): Rgb {
  return [between(from[0], to[0], share), between(from[1], to[1], share), between(from[2], to[2], share)];
}

/** The pose a `share` of the way from one to the other. */
export function poseBetween(from: Pose, to: Pose, share: number): Pose {
  if (share >= 1) return to;
  const before = new Map(from.parts.map((part) => [part.key, part]));
  const parts = union(from, to).map((part) => {
    const start = before.get(part.key) ?? { ...part, share: 0 };
    return {
      key: part.key,
      color: blend(start.color, part.color, share),
      opacity: between(start.opacity, part.opacity, share),
      share: between(start.share, part.share, share),
    };
  });
  return { parts, fill: between(from.fill, to.fill, share), height: between(from.height, to.height, share) };
}

const settle = (time: number) => 1 - (1 - time) ** 3;

/** Moves gently to `target` when it changes; at once where motion is not welcome. */
export function useTween(target: Pose, motion: boolean): Pose {
  const [pose, setPose] = useState(target);
  const shown = useRef(target);
  const wish = JSON.stringify(target);
  useEffect(() => {
    const to = JSON.parse(wish) as Pose;
    const from = shown.current;
    let frame = 0;
    let start: number | null = null;
    const show = (next: Pose) => {
      shown.current = next;
      setPose(next);
    };
    const step = (now: number) => {
      start ??= now;
      const share = motion ? Math.min(1, (now - start) / DURATION_MS) : 1;
      show(poseBetween(from, to, settle(share)));
      if (share < 1) frame = requestAnimationFrame(step);
    };
    if (JSON.stringify(from) !== wish) frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [wish, motion]);
  return pose;
}
