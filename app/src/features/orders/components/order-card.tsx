import type { Order } from '@/api/types';
import { Badge, Box, Card, Money, Text } from '@/components/ui';
import { dayAndClock, unbroken } from '@/lib/format';
import { useNav } from '@/lib/nav';
import { isRunning } from '@/lib/queries/under-way';
import { hrefTo } from '@/navigation/routes';

import { drinksText } from '../model';

/** One order in few words; opens it. */
export function OrderCard({ order }: { order: Order }) {
  const nav = useNav();
  const when = dayAndClock(order.placed_at, order.store.timezone);
  const running = isRunning(order);
  return (
    <Card href={hrefTo('order', { id: order.id })} onPress={() => nav.go('order', { id: order.id })}>
      <Box gap="sm">
        <Box gap="md" justify="space-between" row>
          <Text numeric size="small" tone="ink2">{`${order.code}, ${when}`}</Text>
          {running && <Badge kind="lime" title="now" />}
        </Box>
        <Text display size="title">
          {drinksText(order)}
        </Text>
        <Box align="flex-end" gap="md" justify="space-between" row>
          <Box grow>
            <Text size="small" tone="ink2">{`${unbroken(order.status_text, order.pickup_code?.text)} ${order.store.name}.`}</Text>
          </Box>
          <Money cents={order.total_cents} currency={order.currency} />
        </Box>
      </Box>
    </Card>
  );
}
