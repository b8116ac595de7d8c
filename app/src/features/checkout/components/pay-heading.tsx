import type { Order } from '@/api/types';
import { Box, IconButton, Text } from '@/components/ui';
import { count } from '@/lib/format';
import { useNav } from '@/lib/nav';

/** Which order is paid here. */
export function PayHeading({ order }: { order: Order | null }) {
  const nav = useNav();
  const drinks = order?.lines.reduce((sum, line) => sum + line.quantity, 0) ?? 0;
  return (
    <Box gap="lg">
      <IconButton
        icon="back"
        label={order ? 'Back to the order' : 'Back to the menu'}
        onPress={() => (order ? nav.replace('order', { id: order.id }) : nav.replace('home'))}
      />
      <Box gap="xs">
        {order && (
          <Text numeric size="small" tone="ink2">
            {`Order ${order.code}, ${count(drinks, 'drink')} at ${order.store.name}`}
          </Text>
        )}
        <Text display level={1} size="hero">
          Pay by card
        </Text>
      </Box>
    </Box>
  );
}
