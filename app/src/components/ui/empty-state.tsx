import type { ReactNode } from 'react';

import { Box } from './layout';
import { Text } from './text';

export interface EmptyStateProps {
  /** The glass, mostly. */
  picture?: ReactNode;
  title: string;
  children: string;
  action?: ReactNode;
}

/** Nothing here yet, and the way on. */
export function EmptyState({ picture, title, children, action }: EmptyStateProps) {
  return (
    <Box align="center" gap="lg" padX="lg" padY="huge">
      {picture}
      <Box align="center" gap="sm" maxWidth={360}>
        <Text center display level={2} size="head">
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
