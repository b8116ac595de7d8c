import type { ReactNode } from 'react';
import type { ViewStyle } from 'react-native';

import { radius, space, useTheme, type Palette, type Space } from '@/theme';

import { Box } from './layout';
import { Press } from './press';

export interface CardProps {
  children: ReactNode;
  pad?: Space;
  /** Makes the whole card one button, or with `href` one link. */
  onPress?: () => void;
  label?: string;
  /** Where it leads, as an address of the web. */
  href?: string;
  selected?: boolean;
  style?: ViewStyle;
}

function cardStyle(props: CardProps, pressed: boolean, color: Palette): ViewStyle {
  return {
    backgroundColor: pressed ? color.hush : color.surface,
    borderRadius: radius.lg,
    borderWidth: props.selected ? 2 : 1,
    borderColor: props.selected ? color.ink : color.line,
    padding: space[props.pad ?? 'lg'],
  };
}

/** A surface on the page. */
export function Card(props: CardProps) {
  const { color } = useTheme();
  if (!props.onPress) return <Box style={{ ...cardStyle(props, false, color), ...props.style }}>{props.children}</Box>;
  return (
    <Press
      href={props.href}
      label={props.label}
      onPress={props.onPress}
      style={({ pressed }) => ({ ...cardStyle(props, pressed, color), ...props.style })}
    >
      {props.children}
    </Press>
  );
}
