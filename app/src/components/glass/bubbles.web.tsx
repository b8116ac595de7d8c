import { Circle } from 'react-native-svg';

import type { Bubble } from './bubble-field';

interface BubblesProps {
  bubbles: readonly Bubble[];
  moving: boolean;
}

/** The base stylesheet lets them rise, and only where motion is welcome. */
function marks(bubble: Bubble, moving: boolean): object {
  if (!moving) return { dataSet: { bubble: 'still' } };
  return {
    dataSet: { bubble: 'rise' },
    style: {
      '--rise-by': `${-bubble.rise}px`, '--rise-for': `${bubble.seconds}s`, '--rise-after': `${bubble.after}s`,
    },
  };
}

export function Bubbles({ bubbles, moving }: BubblesProps) {
  return bubbles.map((bubble, index) => (
    <Circle cx={bubble.x} cy={bubble.y} fill="#FFFFFF" key={index} opacity={0.5} r={bubble.r} {...marks(bubble, moving)} />
  ));
}
