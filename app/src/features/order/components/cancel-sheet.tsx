import type { Order } from '@/api/types';
import { Box, Button, Notice, Sheet, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { money } from '@/lib/format';
import { mayBeCharged } from '@/lib/may-be-charged';
import { useCancel } from '@/lib/queries/order';

interface CancelSheetProps {
  order: Order;
  open: boolean;
  onClose: () => void;
}

/** Says what cancelling does with the money before it is done. */
export function CancelSheet({ order, open, onClose }: CancelSheetProps) {
  const cancel = useCancel(order.id);
  const paid = order.payment?.status === 'succeeded';
  const amount = money(order.total_cents, order.currency);
  return (
    <Sheet
      footer={
        <Box gap="sm">
          <Button
            busy={cancel.isPending}
            kind="danger"
            onPress={() => cancel.mutate(undefined, { onSuccess: onClose })}
            title="Cancel the order"
          />
          <Button kind="quiet" onPress={onClose} title="Keep it" />
        </Box>
      }
      onClose={onClose}
      open={open}
      title="Cancel this order?"
    >
      <Text>
        {paid
          ? `No robot has started yet, so all ${amount} go back to your card. Your bank may take a few days to show it.`
          : order.payment_wait && mayBeCharged(order)
            ? 'Should your card be charged after all, the money goes back by itself.'
            : 'You haven’t paid, so nothing will be charged.'}
      </Text>
      {cancel.error && (
        <Notice kind="bad" title="Not cancelled">
          {messageOf(cancel.error)}
        </Notice>
      )}
    </Sheet>
  );
}
