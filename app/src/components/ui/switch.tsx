import { radius, space, TARGET, useTheme } from '@/theme';

import { Icon } from './icon';
import { Box } from './layout';
import { Press } from './press';
import { Text } from './text';

export interface SwitchProps {
  title: string;
  /** What it means. */
  detail?: string;
  on: boolean;
  onChange: (on: boolean) => void;
  /** Says where the title alone is short. */
  label?: string;
  disabled?: boolean;
}

const WIDTH = 52;
const HEIGHT = 32;
const KNOB = 24;

/** Something that is on or off at once. The knob carries a tick, so that colour does not say it alone. */
export function Switch({ title, detail, on, onChange, label, disabled }: SwitchProps) {
  const { color } = useTheme();
  return (
    <Press
      checked={on}
      disabled={disabled}
      label={label ?? [title, detail].filter(Boolean).join(', ')}
      onPress={() => onChange(!on)}
      role="switch"
      style={() => ({
        flexDirection: 'row', alignItems: 'center', gap: space.md, minHeight: TARGET, borderRadius: radius.sm,
        opacity: disabled ? 0.55 : 1,
      })}
    >
      <Box grow>
        <Text>{title}</Text>
        {detail !== undefined && (
          <Text size="small" tone="ink2">
            {detail}
          </Text>
        )}
      </Box>
      <Box
        justify="center"
        rounded="pill"
        style={{
          width: WIDTH, height: HEIGHT, borderWidth: 2, paddingHorizontal: 2, borderColor: on ? color.ink : color.ink2,
          backgroundColor: on ? color.ink : color.surface, alignItems: on ? 'flex-end' : 'flex-start',
        }}
      >
        <Box
          align="center"
          justify="center"
          rounded="pill"
          style={{ width: KNOB, height: KNOB, backgroundColor: on ? color.paper : color.ink2 }}
        >
          {on && <Icon name="check" size={16} />}
        </Box>
      </Box>
    </Press>
  );
}
