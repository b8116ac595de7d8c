import type { Order } from '@/api/types';
import { Announce, Box, IconButton, Text } from '@/components/ui';
import type { LiveState } from '@/lib/live';
import { useNav } from '@/lib/nav';

import { headlineOf } from '../model';

interface StatusHeadProps {
  order: Order;
  now: number;
  live: LiveState;
}

/** Where the order stands, in two short sentences; every change is said to screen readers. */
export function StatusHead({ order, now, live }: StatusHeadProps) {
  const nav = useNav();
  const { now: first, next } = headlineOf(order, now);
  return (
    <Box gap="lg">
      <Box justify="space-between" row>
        <Text numeric tone="ink2">{`Your order ${order.code}`}</Text>
        <Box gap="sm" row>
          <IconButton icon="person" label="Your orders and account" onPress={() => nav.go('account')} />
          <IconButton icon="close" label="To the menu" onPress={() => nav.go('menu', { store: order.store.slug })} />
        </Box>
      </Box>
      <Text display level={1} size="hero">
        {first}
        {next ? (
          <Text display size="hero" tone="pop">
            {` ${next}`}
          </Text>
        ) : null}
      </Text>
      <Announce>{order.status_text}</Announce>
      {live === 'polling' && (
        <Text size="small" tone="ink2">
          Live updates are away for a moment; we look every few seconds instead.
        </Text>
      )}
    </Box>
  );
}
