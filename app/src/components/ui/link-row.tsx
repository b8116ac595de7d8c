import { Children, type ReactNode } from 'react';

import { radius, space, TARGET, useTheme } from '@/theme';

import { Icon, type IconName } from './icon';
import { Box, Rule } from './layout';
import { Press } from './press';
import { Text } from './text';
import { mark } from './web';

export interface LinkRowProps {
  icon: IconName;
  title: string;
  /** How it stands now, in a few words. */
  detail?: string;
  tone?: 'ink2' | 'warn' | 'ok';
  onPress: () => void;
  /** Where it leads, as an address of the web; a button without. */
  href?: string;
}

/** One way on from a list of them. */
export function LinkRow({ icon, title, detail, tone = 'ink2', onPress, href }: LinkRowProps) {
  const { color } = useTheme();
  return (
    <Press
      extra={mark('inset')}
      href={href}
      onPress={onPress}
      style={({ pressed }) => ({
        flexDirection: 'row',
        alignItems: 'center',
        gap: space.md,
        minHeight: TARGET + 16,
        paddingHorizontal: space.lg,
        paddingVertical: space.md,
        backgroundColor: pressed ? color.hush : color.surface,
      })}
    >
      <Icon name={icon} size={22} />
      <Box grow>
        <Text bold>{title}</Text>
        {detail !== undefined && (
          <Text size="small" tone={tone}>
            {detail}
          </Text>
        )}
      </Box>
      <Icon name="right" size={18} tone="ink2" />
    </Press>
  );
}

/** Rows that belong together, on one surface. */
export function LinkList({ children, label }: { children: ReactNode; label?: string }) {
  const rows = Children.toArray(children);
  return (
    <Box bordered clip fill="surface" label={label} role={label === undefined ? undefined : 'group'} style={{ borderRadius: radius.lg }}>
      {rows.map((row, index) => (
        <Box key={index}>
          {index > 0 && <Rule />}
          {row}
        </Box>
      ))}
    </Box>
  );
}
