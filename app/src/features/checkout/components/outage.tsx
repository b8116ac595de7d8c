import type { Order } from '@/api/types';
import { Announce, Box, Button, Checkbox, Notice, Screen, Text } from '@/components/ui';
import { ApiError, messageOf } from '@/lib/api';
import { clock, money } from '@/lib/format';
import { mayBeCharged } from '@/lib/may-be-charged';
import { useNav } from '@/lib/nav';
import { useMe } from '@/lib/queries/me';
import { useCancel } from '@/lib/queries/order';

import { useWait } from '../api';
import { minutesLeft, waitWords, type PaymentWait } from '../model';
import { PayHeading } from './pay-heading';

interface OutageProps {
  order: Order;
  wait: PaymentWait;
  /** Asks the provider at once instead of leaving it to the server. */
  onTry: () => void;
  trying: boolean;
}

/** So long one agrees to wait with one tap; the server shortens it where the pickup can't be kept. */
const LONGER_MINUTES = 60;

/** The payment provider is away: what that means for the order and the money, and everything one may want now. */
export function Outage({ order, wait, onTry, trying }: OutageProps) {
  const longer = useWait(order.id);
  const cancel = useCancel(order.id);
  const asking = wait.state === 'asking';
  const until = clock(wait.until, order.store.timezone, true);
  const held = order.expires_at === null ? until : clock(order.expires_at, order.store.timezone, true);
  const amount = money(order.total_cents, order.currency);
  const words = waitWords(wait, { until, held, amount, unheard: mayBeCharged(order) });
  const agree = () => longer.mutate({ minutes: LONGER_MINUTES, charge_saved_card: wait.charges_saved_card });
  const known = Boolean(useMe());
  const setCharge = (charge: boolean) => longer.mutate({ minutes: minutesLeft(wait), charge_saved_card: charge });
  return (
    <Screen
      footer={
        <Box gap="sm">
          {asking ? (
            <Button busy={longer.isPending} onPress={agree} title="Yes, keep waiting" />
          ) : (
            <Button busy={trying} icon="refresh" onPress={onTry} title="Try again now" />
          )}
          {!asking && <Button busy={longer.isPending} kind="secondary" onPress={agree} title="I can wait an hour" />}
          <Button busy={cancel.isPending} kind="danger" onPress={() => cancel.mutate()} title="Cancel the order" />
        </Box>
      }
    >
      <PayHeading order={order} />
      <Notice icon="offline" kind="warn" title={words.title}>
        {words.text}
      </Notice>
      <Announce>{words.title}</Announce>
      <Text size="small" tone="ink2">
        {words.money}
      </Text>
      {known && !asking && (
        <Checkbox
          checked={wait.charges_saved_card}
          onChange={setCharge}
          title={`Charge my saved card by itself if paying works again by ${until}`}
        />
      )}
      {longer.error && <WaitProblem error={longer.error} id={order.id} />}
      {cancel.error && (
        <Notice kind="bad" title="Not cancelled">
          {messageOf(cancel.error)}
        </Notice>
      )}
    </Screen>
  );
}

/** A pickup that has passed needs another one before anybody can agree to pay for it. */
function WaitProblem({ error, id }: { error: Error; id: string }) {
  const nav = useNav();
  const passed = error instanceof ApiError && error.code === 'pickup_passed';
  const action = passed ? (
    <Button compact icon="clock" kind="secondary" onPress={() => nav.replace('order', { id })} title="Choose a time" />
  ) : undefined;
  return (
    <Notice action={action} kind="bad" title="Not waiting longer">
      {messageOf(error)}
    </Notice>
  );
}
