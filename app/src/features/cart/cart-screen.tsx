import { useMemo } from 'react';

import type { Menu, Quote } from '@/api/types';
import { Box, Button, IconButton, Loading, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { drinkCount, useCart, type Cart } from '@/lib/cart';
import { catalogueOf } from '@/lib/drink';
import { clock, count, money } from '@/lib/format';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useNow } from '@/lib/now';
import { useOrderedElsewhere } from '@/lib/ordered-elsewhere';
import { openingText } from '@/lib/opening';
import { useMenu } from '@/lib/queries/menu';

import { useCartQuote } from './api';
import { CartLine } from './components/cart-line';
import { EmptyCart } from './components/empty-cart';
import { Totals } from './components/totals';
import { refusalOf, type Refusal } from './model';

function Lines({ cart, menu, refusal }: { cart: Cart; menu: Menu; refusal: Refusal | null }) {
  const catalogue = useMemo(() => catalogueOf(menu), [menu]);
  return (
    <Box gap="md" label="Your drinks" role="list">
      {cart.lines.map((line, index) => (
        <Box key={line.id} role="listitem">
          <CartLine
            catalogue={catalogue}
            line={line}
            menu={menu}
            problems={refusal?.byLine[index] ?? []}
            slug={cart.store.slug}
          />
        </Box>
      ))}
    </Box>
  );
}

function Waiting() {
  return (
    <Loading label="Loading your cart">
      <Skeleton height={168} rounded="lg" />
      <Skeleton height={168} rounded="lg" />
    </Loading>
  );
}

function Problem({ error, refusal, onRetry }: { error: Error; refusal: Refusal | null; onRetry: () => void }) {
  if (refusal && !refusal.whole) {
    return (
      <Notice kind="warn" title="One thing to settle">
        A drink in your cart can’t be made as it is. Change it or take it out.
      </Notice>
    );
  }
  return (
    <Notice
      action={refusal ? undefined : <Button compact kind="secondary" onPress={onRetry} title="Try again" />}
      icon={refusal ? undefined : 'offline'}
      kind="warn"
      title={refusal ? 'This can’t be ordered right now' : 'The total didn’t load'}
    >
      {refusal?.whole ?? messageOf(error)}
    </Notice>
  );
}

function Heading({ cart }: { cart: Cart | null }) {
  const nav = useNav();
  return (
    <Box gap="lg">
      <IconButton icon="back" label="Back to the menu" onPress={() => nav.back('home')} />
      <Box gap="xs">
        {cart && (
          <Text size="small" tone="ink2">
            {`Pick up at ${cart.store.name}`}
          </Text>
        )}
        <Text display level={1} size="hero">
          Your cart
        </Text>
      </Box>
    </Box>
  );
}

/** Says the time where it is known already; at a closed store one chooses it next. */
function checkOutTitle(quote: Quote | null, amount: string): string {
  if (!quote) return `Check out ${amount}`;
  return quote.pickup.mode === 'at' ? 'Check out' : `Check out, ready ${clock(quote.ready_at, quote.store.timezone)}`;
}

function CheckOut({ quote, blocked, cart }: { quote: Quote | undefined; blocked: boolean; cart: Cart }) {
  const nav = useNav();
  const amount = count(drinkCount(cart.lines), 'drink');
  return (
    <Button
      disabled={blocked || !quote}
      onPress={() => nav.go('checkout')}
      title={checkOutTitle(blocked ? null : (quote ?? null), amount)}
      trailing={quote && !blocked ? money(quote.total_cents, quote.currency) : undefined}
    />
  );
}

function FilledCart({ cart }: { cart: Cart }) {
  const menu = useMenu(cart.store.slug);
  const { quote, store } = useCartQuote(cart);
  const now = new Date(useNow(30_000));
  const refusal = refusalOf(quote.error);
  const old = quote.isPlaceholderData || quote.error !== null;
  return (
    <Screen footer={<CheckOut blocked={old} cart={cart} quote={quote.data} />}>
      <Heading cart={cart} />
      {store && !store.open && (
        <Notice icon="clock" title={openingText(store, now)}>
          You choose the time at checkout.
        </Notice>
      )}
      {quote.error && <Problem error={quote.error} onRetry={() => void quote.refetch()} refusal={refusal} />}
      {menu.data ? <Lines cart={cart} menu={menu.data} refusal={refusal} /> : <Waiting />}
      {!quote.error && <Totals old={old} quote={quote.data} />}
    </Screen>
  );
}

/** Why the cart emptied before one's eyes, and the way to the order. */
function OrderedElsewhere({ id }: { id: string }) {
  const nav = useNav();
  return (
    <Notice
      action={<Button compact kind="secondary" onPress={() => nav.go('order', { id })} title="See the order" />}
      kind="ok"
      title="You ordered this in another window"
    />
  );
}

/** What one is about to order, and what it comes to. */
export default function CartScreen(_: ScreenProps<'cart'>) {
  const cart = useCart();
  const ordered = useOrderedElsewhere(cart);
  if (cart && cart.lines.length > 0) return <FilledCart cart={cart} />;
  return (
    <Screen>
      <Heading cart={cart} />
      {ordered !== null && <OrderedElsewhere id={ordered} />}
      <EmptyCart store={cart?.store.slug ?? null} />
    </Screen>
  );
}
