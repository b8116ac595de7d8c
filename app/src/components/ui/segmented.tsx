import { radius, space, TARGET, useTheme } from '@/theme';

import { Box } from './layout';
import { Press } from './press';
import { useRadios, type Choice } from './radios';
import { Text } from './text';

export interface SegmentedProps<Value extends string> {
  /** The question that the group answers. */
  label: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One of a few, side by side: sizes, ice. */
export function Segmented<Value extends string>({ label, choices, value, onChange }: SegmentedProps<Value>) {
  const { color } = useTheme();
  const radio = useRadios(choices, value, onChange);
  return (
    <Box bordered fill="surface" label={label} role="radiogroup" rounded="md" row style={{ padding: 3, gap: 2 }}>
      {choices.map((choice, index) => (
        <Press
          key={choice.value}
          {...radio(index)}
          disabled={choice.disabled}
          label={choice.hint ? `${choice.title}, ${choice.hint}` : undefined}
          style={({ pressed }) => ({
            flex: 1,
            minHeight: TARGET,
            paddingHorizontal: space.xs,
            borderRadius: radius.md - 4,
            alignItems: 'center',
            justifyContent: 'center',
            opacity: choice.disabled ? 0.45 : 1,
            backgroundColor: choice.value === value ? color.ink : pressed ? color.hush : 'transparent',
          })}
        >
          <Text bold center numeric size="small" tone={choice.value === value ? 'paper' : 'ink'}>
            {choice.title}
          </Text>
        </Press>
      ))}
    </Box>
  );
}
