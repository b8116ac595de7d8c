import { radius, space, TARGET, useTheme } from '@/theme';

import { Icon } from './icon';
import { Box } from './layout';
import { Press } from './press';
import { Text } from './text';

export interface CheckboxProps {
  title: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** Something to agree to, or not; never ticked beforehand. */
export function Checkbox({ title, checked, onChange }: CheckboxProps) {
  const { color } = useTheme();
  return (
    <Press
      checked={checked}
      onPress={() => onChange(!checked)}
      role="checkbox"
      style={() => ({ flexDirection: 'row', alignItems: 'center', gap: space.md, minHeight: TARGET })}
    >
      <Box
        align="center"
        justify="center"
        style={{
          width: 26,
          height: 26,
          borderRadius: radius.sm - 2,
          borderWidth: 2,
          borderColor: color.ink,
          backgroundColor: checked ? color.ink : color.surface,
        }}
      >
        {checked && <Icon name="check" size={18} tone="paper" />}
      </Box>
      <Box grow>
        <Text>{title}</Text>
      </Box>
    </Press>
  );
}
