import { useState } from 'react';

import type { Order } from '@/api/types';
import { TimePicker } from '@/components/pickup-picker';
import { Box, Button, Notice, Sheet, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { dayAndClockInside } from '@/lib/format';

import { useChoosePickup } from '../api';

interface PickupSheetProps {
  order: Order;
  open: boolean;
  onClose: () => void;
}

/** Another time, as long as no robot has started. */
export function PickupSheet({ order, open, onClose }: PickupSheetProps) {
  const [at, setAt] = useState<string | null>(order.pickup.at);
  const choose = useChoosePickup(order.id);
  const zone = order.store.timezone;
  return (
    <Sheet
      footer={
        <Button
          busy={choose.isPending}
          disabled={at === null}
          onPress={() => choose.mutate({ mode: 'at', at }, { onSuccess: onClose })}
          title={at === null ? 'Choose a time' : `Have it ready ${dayAndClockInside(at, zone)}`}
        />
      }
      onClose={onClose}
      open={open}
      title="When shall it be ready?"
    >
      <Box gap="md">
        <Text tone="ink2">We start just in time, so that it’s cold when you come.</Text>
        {open && <TimePicker onChange={setAt} slug={order.store.slug} value={at} />}
        {choose.error && (
          <Notice kind="bad" title="Not changed">
            {messageOf(choose.error)}
          </Notice>
        )}
      </Box>
    </Sheet>
  );
}
