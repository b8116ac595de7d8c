import { useRef } from 'react';
import { ScrollView, type LayoutChangeEvent } from 'react-native';

import { radius, space, TARGET, useTheme, useWide, type Palette } from '@/theme';

import { Press } from './press';
import { useRadios, type Choice } from './radios';
import { Text } from './text';

export interface ChipsProps<Value extends string> {
  label: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  /** Room at both ends, so that chips scroll under the edge of the page. */
  inset?: number;
}

function chipStyle(on: boolean, pressed: boolean, color: Palette) {
  return {
    minHeight: TARGET,
    paddingHorizontal: space.lg,
    borderRadius: radius.pill,
    justifyContent: 'center',
    borderWidth: 1,
    borderColor: on ? color.ink : color.line,
    backgroundColor: on ? color.ink : pressed ? color.hush : color.surface,
  } as const;
}

/**
 * One of many: categories, in a row that scrolls sideways by a finger, or in lines where there is room for a mouse. The row
 * begins where the chosen one is in view.
 */
export function Chips<Value extends string>({ label, choices, value, onChange, inset = 0 }: ChipsProps<Value>) {
  const { color } = useTheme();
  const wide = useWide();
  const radio = useRadios(choices, value, onChange);
  const row = useRef<ScrollView>(null);
  const show = ({ nativeEvent: { layout } }: LayoutChangeEvent) => row.current?.scrollTo({ x: layout.x - inset, animated: false });
  const flow = wide ? ({ flexDirection: 'row', flexWrap: 'wrap' } as const) : null;
  return (
    <ScrollView
      ref={row}
      aria-label={label}
      contentContainerStyle={{ gap: space.sm, paddingHorizontal: inset, paddingVertical: 5, ...flow }}
      horizontal={!wide}
      role="radiogroup"
      showsHorizontalScrollIndicator={false}
      style={{ marginHorizontal: -inset, marginVertical: -5, flexGrow: 0 }}
    >
      {choices.map((choice, index) => {
        const on = choice.value === value;
        const { extra, ...rest } = radio(index);
        return (
          <Press
            key={choice.value}
            {...rest}
            extra={on && !wide ? { ...extra, onLayout: show } : extra}
            style={({ pressed }) => chipStyle(on, pressed, color)}
          >
            <Text bold size="small" tone={on ? 'paper' : 'ink'}>
              {choice.title}
            </Text>
          </Press>
        );
      })}
    </ScrollView>
  );
}

export interface ChipProps {
  title: string;
  onPress: () => void;
  /** A toggle when given. */
  on?: boolean;
  label?: string;
  disabled?: boolean;
}

/** A single chip: a suggestion or a toggle. */
export function Chip({ title, onPress, on, label, disabled }: ChipProps) {
  const { color } = useTheme();
  return (
    <Press
      checked={on}
      disabled={disabled}
      label={label}
      onPress={onPress}
      role={on === undefined ? 'button' : 'switch'}
      style={({ pressed }) => ({ ...chipStyle(on === true, pressed, color), opacity: disabled ? 0.55 : 1 })}
    >
      <Text bold size="small" tone={on ? 'paper' : 'ink'}>
        {title}
      </Text>
    </Press>
  );
}
