import type { ReactNode } from 'react';

import { Box, Loading, Skeleton } from '@/components/ui';
import { useColumns } from '@/theme';

/** Cards of one width, as many side by side as there is room. */
export function DrinkGrid({ children }: { children: ReactNode[] }) {
  const columns = useColumns();
  return (
    <Box align="stretch" role="list" row wrap style={{ margin: -6 }}>
      {children.map((child, index) => (
        <Box key={index} role="listitem" style={{ padding: 6 }} width={`${100 / columns}%`}>
          {child}
        </Box>
      ))}
    </Box>
  );
}

/** The shape of the cards that come. */
export function DrinkGridWaiting() {
  const columns = useColumns();
  return (
    <Loading label="Loading the menu">
      <Box gap="sm" row>
        {[92, 96, 80].map((width) => (
          <Skeleton height={44} key={width} rounded="pill" width={width} />
        ))}
      </Box>
      <Box align="stretch" row wrap style={{ margin: -6 }}>
        {Array.from({ length: columns * 2 }, (_, index) => (
          <Box key={index} style={{ padding: 6 }} width={`${100 / columns}%`}>
            <Box bordered fill="surface" gap="md" pad="md" rounded="lg">
              <Skeleton height={146} rounded="md" />
              <Skeleton height={20} width="80%" />
              <Skeleton height={16} width="95%" />
              <Skeleton height={22} width="60%" />
            </Box>
          </Box>
        ))}
      </Box>
    </Loading>
  );
}
