import { useState } from 'react';

import { Button, Notice } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { count } from '@/lib/format';
import { listRemembered, rememberedOrders } from '@/lib/order-tokens';
import { useStore } from '@/lib/store';

import { useClaimOrders } from '../claiming';

/** Orders made on this device as a guest: asked for, since the device may be somebody else's too. */
export function ClaimOrders() {
  useStore(rememberedOrders);
  const orders = listRemembered();
  const claim = useClaimOrders();
  const [later, setLater] = useState(false);
  if (claim.data) return <Claimed claimed={claim.data.claimed} left={claim.data.left} />;
  if (orders.length === 0 || later) return null;
  return (
    <Notice
      action={
        <>
          <Button busy={claim.isPending} compact onPress={() => claim.mutate(orders)} title="Put them into my account" />
          <Button compact kind="quiet" onPress={() => setLater(true)} title="Not now" />
        </>
      }
      icon="bag"
      title={`${count(orders.length, 'order')} on this device ${orders.length === 1 ? 'was' : 'were'} made as a guest`}
    >
      {claim.error ? `That didn’t work: ${messageOf(claim.error)}` : 'Yours? Then you see them on every device, with receipts.'}
    </Notice>
  );
}

function Claimed({ claimed, left }: { claimed: number; left: number }) {
  if (claimed === 0) {
    return (
      <Notice kind="warn" title="These belong to another account">
        They stay on this device as they are.
      </Notice>
    );
  }
  return (
    <Notice kind="ok" title={`${count(claimed, 'order')} ${claimed === 1 ? 'is' : 'are'} in your account now`}>
      {left > 0 ? `${count(left, 'order')} stayed on this device: of another account.` : undefined}
    </Notice>
  );
}
