import type { ReactNode } from 'react';
import { View, type DimensionValue, type FlexAlignType, type Role, type ViewStyle } from 'react-native';

import { radius, space, useTheme, type Palette, type Radius, type Space, type Tile } from '@/theme';

type Fill = Exclude<keyof Palette, 'tiles'>;

export interface BoxProps {
  children?: ReactNode;
  row?: boolean;
  wrap?: boolean;
  grow?: boolean;
  gap?: Space;
  pad?: Space;
  padX?: Space;
  padY?: Space;
  align?: FlexAlignType;
  justify?: ViewStyle['justifyContent'];
  fill?: Fill;
  tile?: Tile;
  rounded?: Radius;
  bordered?: boolean;
  clip?: boolean;
  width?: DimensionValue;
  maxWidth?: number;
  minHeight?: number;
  height?: number;
  hidden?: boolean;
  role?: Role;
  label?: string;
  live?: 'polite' | 'assertive';
  style?: ViewStyle;
}

function paddings(props: BoxProps): ViewStyle {
  const x = props.padX ?? props.pad;
  const y = props.padY ?? props.pad;
  return { paddingHorizontal: x && space[x], paddingVertical: y && space[y] };
}

function boxStyle(props: BoxProps, color: Palette): ViewStyle {
  return {
    flexDirection: props.row ? 'row' : 'column',
    flexWrap: props.wrap ? 'wrap' : 'nowrap',
    flexGrow: props.grow ? 1 : undefined,
    flexShrink: props.grow ? 1 : undefined,
    flexBasis: props.grow ? 0 : undefined,
    minWidth: props.grow ? 0 : undefined,
    gap: props.gap && space[props.gap],
    alignItems: props.align ?? (props.row ? 'center' : undefined),
    justifyContent: props.justify,
    backgroundColor: props.tile ? color.tiles[props.tile] : props.fill && color[props.fill],
    borderRadius: props.rounded && radius[props.rounded],
    borderWidth: props.bordered ? 1 : undefined,
    borderColor: props.bordered ? color.line : undefined,
    overflow: props.clip ? 'hidden' : undefined,
    width: props.width,
    maxWidth: props.maxWidth,
    minHeight: props.minHeight,
    height: props.height,
    ...paddings(props),
  };
}

/** The one container: direction, gaps and fills by token. */
export function Box(props: BoxProps) {
  const { color } = useTheme();
  return (
    <View
      aria-hidden={props.hidden}
      aria-label={props.label}
      aria-live={props.live}
      role={props.role}
      style={[boxStyle(props, color), props.style]}
    >
      {props.children}
    </View>
  );
}

/** A hairline between parts of a list. */
export function Rule() {
  const { color } = useTheme();
  return <View style={{ height: 1, backgroundColor: color.line }} />;
}
