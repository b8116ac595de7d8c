import type { ReactNode } from 'react';

import { Box } from './layout';
import { Text } from './text';

export interface EmptyStateProps {
  /** The glass, mostly. */
  picture?: ReactNode;
  title: string;
  children: string;
  action?: ReactNode;
  /** 1 where it is all that the page says. */
  level?: 1 | 2;
}

/** Nothing here yet, and the way on. */
export function EmptyState({ picture, title, children, action, level = 2 }: EmptyStateProps) {
  return (
    <Box align="center" gap="lg" padX="lg" padY="huge">
      {picture}
      <Box align="center" gap="sm" maxWidth={360}>
        <Text center display level={level} size="head">
          {title}
        </Text>
        <Text center tone="ink2">
          {children}
        </Text>
      </Box>
      {action}
    </Box>
  );
}
