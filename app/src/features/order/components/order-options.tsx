import { useState } from 'react';

import type { Order } from '@/api/types';
import { Box, Button } from '@/components/ui';
import { absoluteAddress, copyText } from '@/lib/links';
import { orderToken } from '@/lib/order-tokens';
import { hrefTo } from '@/navigation/routes';

import { isEnded } from '../model';
import { CancelSheet } from './cancel-sheet';
import { PickupSheet } from './pickup-sheet';

type Open = 'none' | 'cancel' | 'pickup';

/** What one may want to change, quietly below the rest. */
export function OrderOptions({ order }: { order: Order }) {
  const [open, setOpen] = useState<Open>('none');
  const close = () => setOpen('none');
  return (
    <Box align="center" gap="sm" justify="center" row wrap>
      {order.can_choose_pickup && (
        <Button compact icon="clock" kind="secondary" onPress={() => setOpen('pickup')} title="Choose a time" />
      )}
      <CopyLink id={order.id} />
      {order.can_cancel && (
        <Button compact kind="danger" onPress={() => setOpen('cancel')} title="Cancel the order" />
      )}
      <PickupSheet onClose={close} open={open === 'pickup' && !isEnded(order)} order={order} />
      <CancelSheet onClose={close} open={open === 'cancel' && !isEnded(order)} order={order} />
    </Box>
  );
}

/** The secret link: who has it can see the order and open its door. */
function CopyLink({ id }: { id: string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const token = orderToken(id);
  if (!token) return null;
  const link = absoluteAddress(`${hrefTo('order', { id })}#${encodeURIComponent(token)}`);
  const title = copied === null ? 'Copy the link' : copied ? 'Link copied' : 'Copying isn’t allowed here';
  return (
    <Button
      compact
      kind="secondary"
      label={copied === null ? 'Copy the link to this order. It’s secret: it opens the door' : undefined}
      onPress={() => void copyText(link).then(setCopied)}
      title={title}
    />
  );
}
