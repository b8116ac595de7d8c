import { useId, useState, type ReactNode } from 'react';
import { TextInput, View, type TextInputProps } from 'react-native';

import { radius, scale, space, useTheme, type Palette } from '@/theme';
import { textFamily } from '@/theme/fonts';

import { Icon, type IconName } from './icon';
import { Box } from './layout';
import { Text } from './text';
import { mark, onWeb } from './web';

export interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Keeps the label for screen readers only, as in a search box. */
  labelHidden?: boolean;
  hint?: string;
  /** What is wrong and what to do. */
  error?: string | null;
  placeholder?: string;
  icon?: IconName;
  maxLength?: number;
  keyboard?: 'default' | 'email-address' | 'number-pad' | 'search';
  autoComplete?: TextInputProps['autoComplete'];
  capitals?: TextInputProps['autoCapitalize'];
  secure?: boolean;
  onSubmit?: () => void;
  /** At the end of the line: a button that belongs to it. */
  trailing?: ReactNode;
  readOnly?: boolean;
}

function frame(color: Palette, focused: boolean, wrong: boolean) {
  return {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.sm,
    minHeight: 52,
    borderRadius: radius.md,
    borderWidth: focused || wrong ? 2 : 1,
    borderColor: wrong ? color.bad : focused ? color.ink : color.line,
    backgroundColor: color.surface,
    paddingHorizontal: space.lg - (focused || wrong ? 1 : 0),
  } as const;
}

function inputProps(props: TextFieldProps): TextInputProps {
  return {
    'aria-label': props.label,
    autoCapitalize: props.capitals,
    autoComplete: props.autoComplete,
    inputMode: props.keyboard === 'email-address' ? 'email' : props.keyboard === 'number-pad' ? 'numeric' : 'text',
    maxLength: props.maxLength,
    onChangeText: props.onChange,
    onSubmitEditing: props.onSubmit,
    placeholder: props.placeholder,
    readOnly: props.readOnly,
    returnKeyType: props.keyboard === 'search' ? 'search' : undefined,
    secureTextEntry: props.secure,
    value: props.value,
  };
}

/** One line of text with its label, a hint, and what is wrong with it. */
export function TextField(props: TextFieldProps) {
  const { color } = useTheme();
  const [focused, setFocused] = useState(false);
  const note = useId();
  const wrong = Boolean(props.error);
  return (
    <Box gap="xs">
      {!props.labelHidden && (
        <Text bold size="small">
          {props.label}
        </Text>
      )}
      <View {...mark('frame')} style={frame(color, focused, wrong)}>
        {props.icon && <Icon name={props.icon} tone="ink2" />}
        <TextInput
          {...inputProps(props)}
          {...onWeb({ 'aria-invalid': wrong, 'aria-describedby': note })}
          onBlur={() => setFocused(false)}
          onFocus={() => setFocused(true)}
          placeholderTextColor={color.ink2}
          style={[
            { ...scale.body, lineHeight: undefined, fontFamily: textFamily, color: color.ink },
            { flex: 1, minWidth: 0, minHeight: 48, outlineWidth: 0 },
          ]}
        />
        {props.trailing}
      </View>
      {(props.error || props.hint) && (
        <Text id={note} live={wrong ? 'assertive' : undefined} size="tiny" tone={wrong ? 'bad' : 'ink2'}>
          {props.error || props.hint}
        </Text>
      )}
    </Box>
  );
}
