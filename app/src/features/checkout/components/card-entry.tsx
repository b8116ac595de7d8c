import { useState } from 'react';

import type { AppConfig, Order, PaymentStart } from '@/api/types';
import { Box, Button, Card, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { clock, money } from '@/lib/format';
import { absoluteAddress } from '@/lib/links';
import { lookOf } from '@/lib/payments/look';
import { usePaymentForm } from '@/lib/payments/payments';
import { hrefTo } from '@/navigation/routes';
import { useTheme } from '@/theme';

import { useRefreshPayment } from '../api';
import { PayHeading } from './pay-heading';

interface CardEntryProps {
  order: Order;
  config: AppConfig;
  payment: PaymentStart;
  /** What an earlier attempt came back with. */
  earlier: string | null;
}

type Trouble = { title: string; text: string } | null;

/** Confirms with the provider, then has the server look: only its word counts. */
function usePay({ order, config, payment, earlier }: CardEntryProps) {
  const { color, isDark } = useTheme();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>(
    earlier === null ? null : { title: 'That card didn’t work', text: earlier },
  );
  const refresh = useRefreshPayment(order.id);
  const form = usePaymentForm({
    stripe: config.stripe,
    mode: config.mode,
    clientSecret: payment.client_secret,
    returnUrl: absoluteAddress(hrefTo('pay', { id: order.id })),
    look: lookOf(isDark, color),
  });
  const settle = async () => {
    try {
      const seen = await refresh.mutateAsync();
      const said = seen.can_pay ? seen.payment?.message : null;
      if (said) setTrouble({ title: 'That card didn’t work', text: said });
    } catch {
      setTrouble({
        title: 'We’re checking your payment',
        text: 'Your bank may have said yes already, so please don’t pay twice. This page moves on by itself.',
      });
    }
  };
  const pay = async () => {
    if (busy) return;
    setBusy(true);
    setTrouble(null);
    const outcome = await form.confirm();
    if (outcome.kind === 'confirmed') await settle();
    if (outcome.kind === 'declined') {
      setTrouble({ title: 'That card didn’t work', text: `${outcome.message} Nothing was charged.` });
    }
    if (outcome.kind === 'unavailable') setTrouble({ title: 'Paying isn’t possible right now', text: outcome.message });
    setBusy(false);
  };
  return { form, busy, trouble, pay };
}

/** The provider's fields, the amount once more, and one button. */
export function CardEntry(props: CardEntryProps) {
  const { order } = props;
  const { form, busy, trouble, pay } = usePay(props);
  const amount = money(order.total_cents, order.currency);
  return (
    <Screen
      footer={<Button busy={busy} disabled={!form.ready} onPress={() => void pay()} title="Pay" trailing={amount} />}
    >
      <PayHeading order={order} />
      {trouble && (
        <Notice kind="bad" title={trouble.title}>
          {trouble.text}
        </Notice>
      )}
      {form.problem ? (
        <Notice
          action={<Button compact icon="refresh" kind="secondary" onPress={form.reload} title="Try again" />}
          icon="offline"
          kind="bad"
          title="No card form yet"
        >
          {form.problem}
        </Notice>
      ) : (
        form.view && (
          <Card>
            {!form.ready && <Skeleton height={180} rounded="md" />}
            <Box style={form.ready ? undefined : { height: 0, overflow: 'hidden' }}>{form.view}</Box>
          </Card>
        )
      )}
      <Text size="small" tone="ink2">
        {`Your card goes straight to the payment provider; we never see it. It shows as “${props.config.stripe.statement_text}”.`}
      </Text>
      {order.expires_at && (
        <Text numeric size="small" tone="ink2">
          {`We hold your drinks until ${clock(order.expires_at, order.store.timezone, true)}.`}
        </Text>
      )}
    </Screen>
  );
}
