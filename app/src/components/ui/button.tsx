import { ActivityIndicator, type ViewStyle } from 'react-native';

import { radius, space, useTheme, type Palette } from '@/theme';

import { Icon, type IconName } from './icon';
import { Box } from './layout';
import { Press } from './press';
import { Text, type TextProps } from './text';

type Kind = 'primary' | 'secondary' | 'quiet' | 'danger';

export interface ButtonProps {
  title: string;
  onPress: () => void;
  kind?: Kind;
  /** Stands at the far end: a price, a count. */
  trailing?: string;
  icon?: IconName;
  trailingIcon?: IconName;
  /** Works on it: shown, told to screen readers, not pressable twice. */
  busy?: boolean;
  disabled?: boolean;
  /** Says more than the title where the title alone is short. */
  label?: string;
  compact?: boolean;
}

const TONES: Record<Kind, NonNullable<TextProps['tone']> & NonNullable<Parameters<typeof Icon>[0]['tone']>> = {
  primary: 'onPop',
  secondary: 'ink',
  quiet: 'ink',
  danger: 'bad',
};

function fill(kind: Kind, pressed: boolean, color: Palette): ViewStyle {
  if (kind === 'primary') return { backgroundColor: pressed ? color.popPressed : color.pop };
  if (kind === 'quiet') return { backgroundColor: pressed ? color.hush : 'transparent' };
  return { backgroundColor: pressed ? color.hush : color.surface, borderWidth: 1, borderColor: color.line };
}

function buttonStyle(props: ButtonProps, pressed: boolean, color: Palette): ViewStyle {
  return {
    minHeight: props.compact ? 44 : 56,
    paddingHorizontal: props.compact ? space.lg : space.xl,
    paddingVertical: space.sm,
    borderRadius: props.compact ? radius.pill : radius.md + 4,
    flexDirection: 'row',
    alignItems: 'center',
    justifyContent: props.trailing || props.trailingIcon ? 'space-between' : 'center',
    gap: space.sm,
    opacity: props.disabled ? 0.55 : 1,
    ...fill(props.kind ?? 'primary', pressed, color),
  };
}

/** A button. One `primary` a screen. */
export function Button(props: ButtonProps) {
  const { color } = useTheme();
  const tone = TONES[props.kind ?? 'primary'];
  const size = props.compact ? 'small' : 'body';
  return (
    <Press
      busy={props.busy}
      disabled={props.disabled}
      label={props.label}
      onPress={props.onPress}
      once
      style={({ pressed }) => buttonStyle(props, pressed, color)}
    >
      {props.busy && <ActivityIndicator aria-hidden color={color[tone]} />}
      {props.icon && !props.busy && <Icon name={props.icon} size={props.compact ? 18 : 20} tone={tone} />}
      <Box style={{ flexShrink: 1 }}>
        <Text bold size={size} tone={tone}>
          {props.title}
        </Text>
      </Box>
      {props.trailing && (
        <Text bold numeric size={size} tone={tone}>
          {props.trailing}
        </Text>
      )}
      {props.trailingIcon && <Icon name={props.trailingIcon} tone={tone} />}
    </Press>
  );
}
