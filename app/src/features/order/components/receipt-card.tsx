import type { Order } from '@/api/types';
import { ReceiptLines, ReceiptSums } from '@/components/receipt';
import { RefundPolicy } from '@/components/refund-policy';
import { Box, Button, Card, Text } from '@/components/ui';
import { money } from '@/lib/format';
import { useNav } from '@/lib/nav';
import { rememberRemake } from '@/lib/order-tokens';
import { useMenu } from '@/lib/queries/menu';
import { hrefTo } from '@/navigation/routes';

const REFUND = {
  pending: 'is on its way back to your card',
  succeeded: 'went back to your card',
  failed: 'couldn’t be sent back yet; we’re on it',
} as const;

/** What was ordered and paid. */
export function ReceiptCard({ order }: { order: Order }) {
  const menu = useMenu(order.store.slug);
  const nav = useNav();
  const openRemake = (id: string) => {
    rememberRemake(id, order.id);
    nav.go('order', { id });
  };
  return (
    <Card pad="xl">
      <Box gap="lg">
        <Text display level={2} size="title">
          {order.payment?.status === 'succeeded' ? 'Receipt' : 'What you ordered'}
        </Text>
        <ReceiptLines currency={order.currency} lines={order.lines} menu={menu.data} />
        <ReceiptSums sums={order} />
        {order.refunds.map((refund, index) => (
          <Text key={index} numeric size="small" tone={refund.status === 'failed' ? 'warn' : 'ink2'}>
            {`${money(refund.amount_cents, order.currency)} ${REFUND[refund.status]}.`}
          </Text>
        ))}
        {order.remake_of !== null && (
          <Text size="small" tone="ink2">
            Made again for you, free of charge.
          </Text>
        )}
        {order.remakes.map((id) => (
          <Button key={id} onPress={() => openRemake(id)} title="See the drinks we make again" trailingIcon="next" />
        ))}
        <Text size="small" tone="ink2">
          {[order.store.name, order.store.address].join(', ')}
        </Text>
        <RefundPolicy href={hrefTo('refunds')} />
      </Box>
    </Card>
  );
}
