import { useState, type ReactNode } from 'react';

import type { Order } from '@/api/types';
import { Box, Button, Notice } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { money } from '@/lib/format';
import { openOutside } from '@/lib/links';
import { useNav } from '@/lib/nav';

import { useChoosePickup } from '../api';
import { isEnded } from '../model';
import { DoorSheet } from './door-sheet';
import { OrderAgain } from './order-again';

/** The way there in the maps of the person's own device. */
function directions(order: Order): void {
  openOutside(`https://www.google.com/maps/dir/?api=1&destination=${order.store.lat},${order.store.lon}`);
}

/** The one thing to do now, and beside it the way to the store. */
export function PrimaryAction({ order }: { order: Order }) {
  const nav = useNav();
  const [atDoor, setAtDoor] = useState(false);
  const choose = useChoosePickup(order.id);
  const way = <Button kind="secondary" onPress={() => directions(order)} title="Directions" />;
  if (isEnded(order)) return <OrderAgain order={order} />;
  if (order.can_pay) {
    const amount = money(order.total_cents, order.currency);
    return <Button onPress={() => nav.go('pay', { id: order.id })} title="Pay now" trailing={amount} />;
  }
  if (order.status === 'ready') {
    return (
      <>
        <Pair first={way} second={<Button onPress={() => setAtDoor(true)} title="I’m here" />} />
        <DoorSheet onClose={() => setAtDoor(false)} open={atDoor} order={order} />
      </>
    );
  }
  if (order.status === 'paid' && order.can_choose_pickup) {
    const start = () => choose.mutate({ mode: 'now', at: null });
    return (
      <Box gap="md">
        {choose.error && <Notice kind="bad" title="Not started">{messageOf(choose.error)}</Notice>}
        <Pair first={way} second={<Button busy={choose.isPending} onPress={start} title="Start now" />} />
      </Box>
    );
  }
  return way;
}

function Pair({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <Box gap="md" row>
      <Box grow>{first}</Box>
      <Box grow>{second}</Box>
    </Box>
  );
}
