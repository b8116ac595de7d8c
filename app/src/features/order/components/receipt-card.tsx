import type { Order } from '@/api/types';
import { ReceiptLines, ReceiptSums } from '@/components/receipt';
import { Box, Card, Text } from '@/components/ui';
import { money } from '@/lib/format';
import { useMenu } from '@/lib/queries/menu';

const REFUND = {
  pending: 'is on its way back to your card',
  succeeded: 'went back to your card',
  failed: 'couldn’t be sent back yet; we’re on it',
} as const;

/** What was ordered and paid. */
export function ReceiptCard({ order }: { order: Order }) {
  const menu = useMenu(order.store.slug);
  const { refund } = order;
  return (
    <Card pad="xl">
      <Box gap="lg">
        <Text display level={2} size="title">
          {order.payment?.status === 'succeeded' ? 'Receipt' : 'What you ordered'}
        </Text>
        <ReceiptLines currency={order.currency} lines={order.lines} menu={menu.data} />
        <ReceiptSums sums={order} />
        {refund && (
          <Text numeric size="small" tone={refund.status === 'failed' ? 'warn' : 'ink2'}>
            {`${money(refund.amount_cents, order.currency)} ${REFUND[refund.status]}.`}
          </Text>
        )}
        <Text size="small" tone="ink2">
          {[order.store.name, order.store.address].join(', ')}
        </Text>
      </Box>
    </Card>
  );
}
