import type { ReactNode } from 'react';

import { Icon, type IconName } from './icon';
import { Box } from './layout';
import { Text } from './text';

type NoticeKind = 'info' | 'ok' | 'warn' | 'bad';

export interface NoticeProps {
  title: string;
  children?: ReactNode;
  kind?: NoticeKind;
  icon?: IconName;
  /** What one can do about it: a button, or some in a fragment, below one another where there is no room. */
  action?: ReactNode;
}

const ICON: Record<NoticeKind, IconName> = { info: 'info', ok: 'check', warn: 'warn', bad: 'warn' };
const TONE = { info: 'ink', ok: 'ok', warn: 'warn', bad: 'bad' } as const;

/** What is the matter and what to do: one sentence each. Bad news is announced at once. */
export function Notice({ title, children, kind = 'info', icon, action }: NoticeProps) {
  return (
    <Box
      align="flex-start"
      bordered
      fill="surface"
      gap="md"
      live={kind === 'bad' ? 'assertive' : 'polite'}
      pad="lg"
      role={kind === 'bad' ? 'alert' : 'status'}
      rounded="md"
      row
    >
      <Icon name={icon ?? ICON[kind]} size={22} tone={TONE[kind]} />
      <Box gap="xs" grow>
        <Text bold tone={TONE[kind]}>
          {title}
        </Text>
        {typeof children === 'string' ? (
          <Text size="small" tone="ink2">
            {children}
          </Text>
        ) : (
          children
        )}
        {action && (
          <Box gap="sm" row style={{ marginTop: 8 }} wrap>
            {action}
          </Box>
        )}
      </Box>
    </Box>
  );
}
