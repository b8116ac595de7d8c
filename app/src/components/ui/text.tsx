import type { ReactNode } from 'react';
import { Text as NativeText, type TextStyle } from 'react-native';

import { displayFamily, textFamily } from '@/theme/fonts';
import { scale, useTheme, type Palette, type TextSize } from '@/theme';

type Tone = 'ink' | 'ink2' | 'pop' | 'onPop' | 'onLime' | 'ok' | 'warn' | 'bad' | 'paper';

export interface TextProps {
  children: ReactNode;
  size?: TextSize;
  tone?: Tone;
  bold?: boolean;
  /** The display face of the brand: names and headlines. */
  display?: boolean;
  /** Makes it a heading of this level for screen readers. */
  level?: 1 | 2 | 3;
  /** Digits of one width, for prices, times and counts that change. */
  numeric?: boolean;
  center?: boolean;
  strike?: boolean;
  lines?: number;
  live?: 'polite' | 'assertive';
  selectable?: boolean;
  label?: string;
  id?: string;
  style?: TextStyle;
}

function textStyle(props: TextProps, color: Palette): TextStyle {
  const size = props.size ?? 'body';
  const face: TextStyle = props.display
    ? { fontFamily: displayFamily, fontWeight: '800', letterSpacing: -0.02 * scale[size].fontSize }
    : { fontFamily: textFamily, fontWeight: props.bold ? '700' : '400' };
  return {
    ...scale[size],
    ...face,
    color: color[props.tone ?? 'ink'],
    fontVariant: props.numeric ? ['tabular-nums'] : undefined,
    textAlign: props.center ? 'center' : undefined,
    textDecorationLine: props.strike ? 'line-through' : undefined,
  };
}

/** All words on the screens. */
export function Text(props: TextProps) {
  const { color } = useTheme();
  return (
    <NativeText
      aria-label={props.label}
      aria-live={props.live}
      {...(props.level ? { role: 'heading' as const, 'aria-level': props.level } : {})}
      nativeID={props.id}
      numberOfLines={props.lines}
      selectable={props.selectable}
      style={[textStyle(props, color), props.style]}
    >
      {props.children}
    </NativeText>
  );
}
