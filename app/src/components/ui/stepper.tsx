import { IconButton } from './icon-button';
import { Box } from './layout';
import { Text } from './text';

export interface StepperProps {
  /** What is counted, as in "Peach, pumps". */
  label: string;
  value: number;
  min?: number;
  max: number;
  onChange: (value: number) => void;
  disabled?: boolean;
}

/** Less, the number, more. */
export function Stepper({ label, value, min = 0, max, onChange, disabled = false }: StepperProps) {
  return (
    <Box gap="xs" label={label} role="group" row>
      <IconButton
        disabled={disabled || value <= min}
        icon="minus"
        label={`Less ${label}`}
        onPress={() => onChange(Math.max(min, value - 1))}
        square
      />
      <Text bold center label={`${label}: ${value}`} live="polite" numeric style={{ minWidth: 32 }}>
        {value}
      </Text>
      <IconButton
        disabled={disabled || value >= max}
        icon="plus"
        label={`More ${label}`}
        onPress={() => onChange(Math.min(max, value + 1))}
        square
      />
    </Box>
  );
}
