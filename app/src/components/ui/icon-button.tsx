import type { Ref } from 'react';
import type { View } from 'react-native';

import { radius, TARGET, useTheme } from '@/theme';

import { Icon, type IconName } from './icon';
import { Press } from './press';

export interface IconButtonProps {
  icon: IconName;
  /** What it does, for those who can't see the icon. */
  label: string;
  onPress: () => void;
  disabled?: boolean;
  ref?: Ref<View>;
  square?: boolean;
  /** As high as the main action beside it. */
  large?: boolean;
}

/** A round (or square) button that shows only an icon. */
export function IconButton({ ref, ...props }: IconButtonProps) {
  const { color } = useTheme();
  return (
    <Press
      ref={ref}
      disabled={props.disabled}
      label={props.label}
      onPress={props.onPress}
      style={({ pressed }) => ({
        width: props.large ? 56 : TARGET,
        height: props.large ? 56 : TARGET,
        borderRadius: props.large ? radius.md + 4 : props.square ? radius.md - 2 : radius.pill,
        alignItems: 'center',
        justifyContent: 'center',
        backgroundColor: pressed ? color.hush : color.surface,
        borderWidth: 1,
        borderColor: color.line,
        opacity: props.disabled ? 0.45 : 1,
      })}
    >
      <Icon name={props.icon} />
    </Press>
  );
}
