import { useRef } from 'react';
import type { View } from 'react-native';

import { IconButton } from './icon-button';
import { Box } from './layout';
import { Text } from './text';

export interface StepperProps {
  /** What is counted, as in "Peach pumps". */
  label: string;
  value: number;
  min?: number;
  max: number;
  onChange: (value: number) => void;
  /** With it, only "more" is shown while there is none, under this name. */
  addLabel?: string;
}

/** Less, the number, more. The button one pressed stays, so that the next press finds it. */
export function Stepper({ label, value, min = 0, max, onChange, addLabel }: StepperProps) {
  const more = useRef<View>(null);
  const single = addLabel !== undefined && value === 0;
  const less = () => {
    if (addLabel !== undefined && value === 1) more.current?.focus();
    onChange(Math.max(min, value - 1));
  };
  return (
    <Box gap="xs" label={label} role="group" row>
      {!single && <IconButton disabled={value <= min} icon="minus" label={`Less ${label}`} onPress={less} square />}
      {!single && (
        <Text bold center label={`${label}: ${value}`} live="polite" numeric style={{ minWidth: 32 }}>
          {value}
        </Text>
      )}
      <IconButton
        disabled={value >= max}
        icon="plus"
        label={single ? addLabel : `More ${label}`}
        onPress={() => onChange(Math.min(max, value + 1))}
        ref={more}
        square
      />
    </Box>
  );
}
