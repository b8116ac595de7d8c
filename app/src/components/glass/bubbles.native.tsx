import { useEffect, useRef } from 'react';
import { Animated, Easing } from 'react-native';
import { Circle } from 'react-native-svg';

import type { Bubble } from './bubble-field';

interface BubblesProps {
  bubbles: readonly Bubble[];
  moving: boolean;
}

const RisingCircle = Animated.createAnimatedComponent(Circle);

function Rising({ bubble }: { bubble: Bubble }) {
  const time = useRef(new Animated.Value(0)).current;
  const { seconds, after } = bubble;
  useEffect(() => {
    const loop = Animated.loop(
      Animated.timing(time, { toValue: 1, duration: seconds * 1000, easing: Easing.linear, useNativeDriver: false }),
    );
    const start = setTimeout(() => loop.start(), -after * 250);
    return () => {
      clearTimeout(start);
      loop.stop();
    };
  }, [time, seconds, after]);
  const cy = time.interpolate({ inputRange: [0, 1], outputRange: [bubble.y, bubble.y - bubble.rise] });
  const opacity = time.interpolate({ inputRange: [0, 0.15, 0.85, 1], outputRange: [0, 0.6, 0.6, 0] });
  return <RisingCircle cx={bubble.x} cy={cy} fill="#FFFFFF" opacity={opacity} r={bubble.r} />;
}

export function Bubbles({ bubbles, moving }: BubblesProps) {
  return bubbles.map((bubble, index) =>
    moving ? (
      <Rising bubble={bubble} key={index} />
    ) : (
      <Circle cx={bubble.x} cy={bubble.y} fill="#FFFFFF" key={index} opacity={0.55} r={bubble.r} />
    ),
  );
}
