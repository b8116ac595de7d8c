import { useState } from 'react';

import type { AppConfig, Order, PaymentStart } from '@/api/types';
import { Box, Button, Card, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { openCardSheet, payWithMyCards } from '@/lib/api/cards';
import { clock, money } from '@/lib/format';
import { absoluteAddress } from '@/lib/links';
import { lookOf } from '@/lib/payments/look';
import { usePaymentForm } from '@/lib/payments/payments';
import type { PaymentForm, PaymentOutcome } from '@/lib/payments/types';
import { hrefTo } from '@/navigation/routes';
import { useTheme } from '@/theme';

import { useRefreshPayment } from '../api';
import { refusedCard, troubleAfter } from '../model';
import { useCards } from '../use-cards';
import { CardChoice, NEW_CARD, SaveCard } from './card-choice';
import { PayHeading } from './pay-heading';

interface CardEntryProps {
  order: Order;
  config: AppConfig;
  payment: PaymentStart;
  /** What an earlier attempt came back with. */
  earlier: string | null;
}

const HIDDEN = { display: 'none' } as const;

/** Confirms with the provider, then has the server look: only its word counts. */
function usePay({ order, config, payment, earlier }: CardEntryProps) {
  const { color, isDark } = useTheme();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState(earlier === null ? null : refusedCard(earlier));
  const refresh = useRefreshPayment(order.id);
  const cards = useCards(order.id);
  const saved = cards.chosen === NEW_CARD ? undefined : cards.chosen;
  const form = usePaymentForm({
    stripe: config.stripe,
    mode: config.mode,
    clientSecret: payment.client_secret,
    purpose: 'pay',
    openSheet: cards.known ? () => payWithMyCards(order.id, false).then(openCardSheet) : undefined,
    onWallet: () => void payBy(() => payWith('wallet')),
    returnUrl: absoluteAddress(hrefTo('pay', { id: order.id })),
    look: lookOf(isDark, color),
  });
  const payBy = async (confirm: () => Promise<PaymentOutcome>, tried?: string) => {
    if (busy) return;
    setBusy(true);
    setTrouble(null);
    const found = await troubleAfter(await confirm(), () => refresh.mutateAsync());
    setTrouble(found);
    if (found?.refused) cards.offerAnother(tried);
    setBusy(false);
  };
  const payWith = async (by: 'card' | 'wallet'): Promise<PaymentOutcome> => {
    try {
      if (await cards.prepare(by)) await form.refresh();
    } catch (error) {
      return { kind: 'unavailable', message: messageOf(error) };
    }
    return form.confirm(by === 'card' ? saved : undefined);
  };
  const pay = () => payBy(() => payWith('card'), saved);
  return { form, busy, trouble, pay, cards, typed: saved === undefined };
}

/** Saved cards, the provider's fields, the amount once more, and one button. */
export function CardEntry(props: CardEntryProps) {
  const { order } = props;
  const { form, busy, trouble, pay, cards, typed } = usePay(props);
  const amount = money(order.total_cents, order.currency);
  const inPage = form.view !== null;
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
      {form.problem === null && form.wallets}
      {inPage && cards.cards.length > 0 && (
        <CardChoice cards={cards.cards} onChange={cards.choose} value={cards.chosen} />
      )}
      <Fields form={form} shown={typed} />
      {inPage && typed && cards.known && <SaveCard checked={cards.save} onChange={cards.setSave} />}
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

/** The provider's fields. They stay loaded behind a chosen saved card: paying with it needs them too. */
function Fields({ form, shown }: { form: PaymentForm; shown: boolean }) {
  if (form.problem !== null) {
    return (
      <Notice
        action={<Button compact icon="refresh" kind="secondary" onPress={form.reload} title="Try again" />}
        icon="offline"
        kind="bad"
        title="No card form yet"
      >
        {form.problem}
      </Notice>
    );
  }
  if (form.view === null) return null;
  return (
    <Box style={shown ? undefined : HIDDEN}>
      <Card>
        {!form.ready && <Skeleton height={180} rounded="md" />}
        <Box style={form.ready ? undefined : { height: 0, overflow: 'hidden' }}>{form.view}</Box>
      </Card>
    </Box>
  );
}
