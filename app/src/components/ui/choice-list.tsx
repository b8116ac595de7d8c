import { radius, space, TARGET, useTheme } from '@/theme';

import { Box } from './layout';
import { Press } from './press';
import { useRadios, type Choice } from './radios';
import { Text } from './text';

export interface ChoiceListProps<Value extends string> {
  /** The question that the group answers. */
  label: string;
  choices: readonly (Choice<Value> & { detail?: string })[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One of a few that need a line each: which card. */
export function ChoiceList<Value extends string>({ label, choices, value, onChange }: ChoiceListProps<Value>) {
  const { color } = useTheme();
  const radio = useRadios(choices, value, onChange);
  return (
    <Box gap="sm" label={label} role="radiogroup">
      {choices.map((choice, index) => {
        const on = choice.value === value;
        return (
          <Press
            key={choice.value}
            {...radio(index)}
            disabled={choice.disabled}
            label={choice.hint}
            style={({ pressed }) => ({
              minHeight: TARGET,
              padding: space.lg,
              borderRadius: radius.md,
              borderWidth: 2,
              borderColor: on ? color.ink : color.line,
              backgroundColor: pressed ? color.hush : color.surface,
              opacity: choice.disabled ? 0.6 : 1,
            })}
          >
            <Text bold numeric>
              {choice.title}
            </Text>
            {choice.detail !== undefined && (
              <Text numeric size="small" tone="ink2">
                {choice.detail}
              </Text>
            )}
          </Press>
        );
      })}
    </Box>
  );
}
