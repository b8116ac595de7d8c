import { useEffect, useMemo, useState } from 'react';

import type { Quote } from '@/api/types';
import { ReceiptLines, ReceiptSums } from '@/components/receipt';
import { RefundPolicy } from '@/components/refund-policy';
import { Box, Button, Card, EmptyState, IconButton, Loading, Screen, Skeleton, Text } from '@/components/ui';
import { fieldOf } from '@/lib/api';
import { clearCart, useCart, type Cart } from '@/lib/cart';
import { focusFirstWrong } from '@/lib/focus';
import { dayAndClockInside, money } from '@/lib/format';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useOrderedElsewhere } from '@/lib/ordered-elsewhere';
import { pickupDays } from '@/lib/pickup-times';
import { useMe } from '@/lib/queries/me';
import { useMenu } from '@/lib/queries/menu';
import { useStoreDetail } from '@/lib/queries/stores';
import { hrefTo } from '@/navigation/routes';

import { useCheckoutQuote, usePlaceOrder } from './api';
import { ContactSection } from './components/contact-section';
import { PickupSection } from './components/pickup-section';
import { PlaceProblem } from './components/place-problem';
import { choiceOf, emailProblem, isChosen, type PickupState } from './model';

function Heading({ cart }: { cart: Cart | null }) {
  const nav = useNav();
  return (
    <Box gap="lg">
      <IconButton icon="back" label="Back to the cart" onPress={() => nav.back('cart')} />
      <Box gap="xs">
        {cart && <Text size="small" tone="ink2">{`Pick up at ${cart.store.name}`}</Text>}
        <Text display level={1} size="hero">
          Nearly yours
        </Text>
      </Box>
    </Box>
  );
}

function NothingToOrder() {
  const nav = useNav();
  return (
    <Screen>
      <Heading cart={null} />
      <EmptyState action={<Button onPress={() => nav.replace('home')} title="See the menu" />} title="Nothing in the cart">
        Pick a drink first, then we’ll talk about paying.
      </EmptyState>
    </Screen>
  );
}

/** What is ordered and what it costs. */
function Summary({ cart, quote }: { cart: Cart; quote: Quote | undefined }) {
  const menu = useMenu(cart.store.slug);
  return (
    <Card>
      <Box gap="lg">
        {quote ? (
          <ReceiptLines currency={quote.currency} lines={quote.lines} menu={menu.data} />
        ) : (
          <Loading label="Asking for the price">
            <Skeleton height={44} />
          </Loading>
        )}
        <ReceiptSums sums={quote} />
      </Box>
    </Card>
  );
}

/** State of the form: what was chosen, what is wrong, and what happens on "Continue". */
function useCheckout(cart: Cart) {
  const nav = useNav();
  const me = useMe();
  const store = useStoreDetail(cart.store.slug);
  const detail = store.data;
  const open = !detail || (detail.open && detail.accepting_orders);
  const first = useMemo(() => (detail ? (pickupDays(detail, new Date())[0]?.times[0] ?? null) : null), [detail]);
  const [chosen, setPickup] = useState<PickupState | null>(null);
  const pickup = chosen ?? { answer: open ? 'now' : 'at', at: first };
  const [email, setEmail] = useState('');
  const [tried, setTried] = useState(false);
  const choice = choiceOf(pickup);
  const known = detail !== undefined || store.isError;
  const quote = useCheckoutQuote(cart, choice, known && (open || choice?.mode === 'at'));
  const place = usePlaceOrder(cart, choice);
  const problem = me === null && tried ? emailProblem(email) : null;
  const submit = () => {
    setTried(true);
    if (!quote.data || quote.isPlaceholderData || me === undefined || place.isPending) return;
    if (me === null && emailProblem(email)) {
      focusFirstWrong();
      return;
    }
    place.mutate(
      { quote_id: quote.data.id, pickup: choice, ...(me ? {} : { contact_email: email.trim() }) },
      {
        onSuccess: ({ id }) => {
          nav.replace('pay', { id });
          clearCart(cart.store.slug);
        },
      },
    );
  };
  return {
    me, open, first, pickup, setPickup, email, setEmail, quote, place, submit,
    emailError: problem ?? fieldOf(place.error, 'contact_email'),
  };
}

function Checkout({ cart }: { cart: Cart }) {
  const form = useCheckout(cart);
  const { quote, place, pickup } = form;
  const shown = quote.isPlaceholderData || quote.error ? undefined : quote.data;
  const problem = place.error ?? quote.error;
  return (
    <Screen
      footer={
        <Button
          busy={place.isPending}
          disabled={!shown || !isChosen(pickup) || form.me === undefined}
          onPress={form.submit}
          title={isChosen(pickup) ? 'Continue to pay' : 'Choose a time'}
          trailing={shown && money(shown.total_cents, shown.currency)}
        />
      }
    >
      <Heading cart={cart} />
      {problem && <PlaceProblem error={problem} onRetry={place.error ? undefined : () => void quote.refetch()} />}
      <Summary cart={cart} quote={shown ?? quote.data} />
      <PickupSection first={form.first} onChange={form.setPickup} open={form.open} slug={cart.store.slug} value={pickup} />
      {shown && pickup.answer === 'now' && (
        <Text numeric>{`Ready about ${dayAndClockInside(shown.ready_at, shown.store.timezone)}.`}</Text>
      )}
      <ContactSection email={form.email} error={form.emailError} onChange={form.setEmail} />
      {shown && <Text size="small" tone="ink2">You pay on the next page.</Text>}
      <RefundPolicy href={hrefTo('refunds')} />
    </Screen>
  );
}

/** The last look before paying: drinks, time, receipt. */
export default function CheckoutScreen(_: ScreenProps<'checkout'>) {
  const nav = useNav();
  const cart = useCart();
  const ordered = useOrderedElsewhere(cart);
  useEffect(() => {
    if (ordered !== null) nav.replace('pay', { id: ordered });
  }, [nav, ordered]);
  return cart && cart.lines.length > 0 ? <Checkout cart={cart} /> : <NothingToOrder />;
}
