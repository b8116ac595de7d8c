import { radius, space, useTheme, type Palette } from '@/theme';

import { Icon, type IconName } from './icon';
import { Box } from './layout';
import { Text } from './text';

type BadgeKind = 'plain' | 'strong' | 'lime' | 'ok' | 'warn' | 'bad';

export interface BadgeProps {
  title: string;
  kind?: BadgeKind;
  icon?: IconName;
  label?: string;
}

const TONE = { plain: 'ink2', strong: 'ink', lime: 'onLime', ok: 'ok', warn: 'warn', bad: 'bad' } as const;

function colors(kind: BadgeKind, color: Palette) {
  if (kind === 'lime') return { backgroundColor: color.lime, borderColor: color.lime };
  if (kind === 'plain') return { backgroundColor: 'transparent', borderColor: color.line };
  return { backgroundColor: color.surface, borderColor: color[TONE[kind]] };
}

/** A fact in a few words: allergens, ready time, a state. Colour never says it alone. */
export function Badge({ title, kind = 'plain', icon, label }: BadgeProps) {
  const { color } = useTheme();
  const round = kind === 'lime' ? radius.md - 4 : radius.sm - 2;
  return (
    <Box
      gap="xs"
      row
      style={{
        ...colors(kind, color),
        borderWidth: 1,
        borderRadius: round,
        paddingHorizontal: kind === 'lime' ? 10 : space.sm,
        paddingVertical: kind === 'lime' ? 6 : 2,
        alignSelf: 'flex-start',
      }}
    >
      {icon && <Icon name={icon} size={14} tone={TONE[kind]} />}
      <Text bold={kind === 'lime'} label={label} numeric size="tiny" tone={TONE[kind]}>
        {title}
      </Text>
    </Box>
  );
}
