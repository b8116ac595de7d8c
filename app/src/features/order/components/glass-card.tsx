import { useMemo } from 'react';

import type { Order } from '@/api/types';
import { describeGlass, Glass, glassFor } from '@/components/glass';
import { Box, Text } from '@/components/ui';
import { catalogueOf } from '@/lib/drink';
import { useMenu } from '@/lib/queries/menu';

import { figuresOf, fillOf } from '../model';

/** The line that is being poured now, or the first. */
function lineShown(order: Order) {
  let passed = 0;
  const wanted = order.progress?.drink_index ?? 0;
  return order.lines.find((line) => (passed += line.quantity) > wanted) ?? order.lines[0];
}

/** The drink as it fills, and what one wants to know beside it. */
export function GlassCard({ order, now }: { order: Order; now: number }) {
  const menu = useMenu(order.store.slug);
  const catalogue = useMemo(() => (menu.data ? catalogueOf(menu.data) : {}), [menu.data]);
  const line = lineShown(order);
  if (!line) return null;
  const fill = fillOf(order);
  const label = `${describeGlass(line.name, line.recipe, catalogue)}. ${Math.round(fill * 100)} % poured`;
  return (
    <Box gap="xl" padX="xl" padY="xl" rounded="lg" row tile={order.status === 'ready' ? 'mint' : 'violet'}>
      <Glass {...glassFor(line.recipe, catalogue)} fill={fill} label={label} size={132} />
      <Box gap="lg" grow>
        {figuresOf(order, now).map((figure) => (
          <Box key={figure.label} style={{ gap: 2 }}>
            <Text size="small" tone="ink2">
              {figure.label}
            </Text>
            <Text display numeric size="title">
              {figure.value}
            </Text>
          </Box>
        ))}
      </Box>
    </Box>
  );
}
