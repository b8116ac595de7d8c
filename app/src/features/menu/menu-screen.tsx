import { useMemo, useState } from 'react';

import type { Drink, Menu, StoreDetail } from '@/api/types';
import { Box, Button, Chips, EmptyState, Notice, Screen, Text } from '@/components/ui';
import { ApiError, messageOf } from '@/lib/api';
import { useOpenCart } from '@/lib/cart';
import { catalogueOf } from '@/lib/drink';
import { useGradually, useUnhurried } from '@/lib/gradually';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useNow } from '@/lib/now';
import { useOnline } from '@/lib/online';
import { openingText } from '@/lib/opening';
import { useMenu } from '@/lib/queries/menu';
import { useStoreDetail } from '@/lib/queries/stores';
import { useUnderWay } from '@/lib/queries/under-way';
import { hrefTo } from '@/navigation/routes';

import { DrinkCard } from './components/drink-card';
import { DrinkGrid, DrinkGridWaiting } from './components/drink-grid';
import { MenuActions } from './components/menu-actions';
import { MenuHeader } from './components/menu-header';
import { UnderWay } from './components/under-way';
import { drinksOn, POPULAR, shelves, shortages } from './model';

const WIDE = 1120;

/** Fills the first screen. */
const AT_ONCE = 4;

function Shelves({ menu, slug }: { menu: Menu; slug: string }) {
  const nav = useNav();
  const [shelf, setShelf] = useState(POPULAR);
  const catalogue = useMemo(() => catalogueOf(menu), [menu]);
  const all = useMemo(() => drinksOn(menu, shelf), [menu, shelf]);
  const drinks = useGradually(all, AT_ONCE);
  const open = useMemo(() => (drink: Drink) => nav.go('builder', { store: slug, drink: drink.slug }), [nav, slug]);
  return (
    <Box gap="lg">
      <Chips choices={shelves(menu)} inset={20} label="Kind of drink" onChange={setShelf} value={shelf} />
      <DrinkGrid>
        {drinks.map((drink) => (
          <DrinkCard
            catalogue={catalogue}
            currency={menu.currency}
            drink={drink}
            href={hrefTo('builder', { store: slug, drink: drink.slug })}
            key={drink.id}
            onOpen={open}
          />
        ))}
      </DrinkGrid>
    </Box>
  );
}

/** What one should know before choosing: closed, out of something, or an old menu. */
function News({ store, menu, error, now }: { store?: StoreDetail; menu?: Menu; error: Error | null; now: Date }) {
  const online = useOnline();
  const out = menu ? shortages(menu.ingredients) : null;
  const closed = store && (!store.open || !store.accepting_orders);
  return (
    <>
      {closed && (
        <Notice icon="clock" kind="warn" title={openingText(store, now)}>
          {store.open ? 'Have a look around, we’ll be back soon.' : 'You can order now and pick a time when it’s open.'}
        </Notice>
      )}
      {error && menu && online && (
        <Notice icon="offline" kind="warn" title="This menu may be old">
          {messageOf(error)}
        </Notice>
      )}
      {!closed && out && (
        <Text size="small" tone="ink2">
          {out}
        </Text>
      )}
    </>
  );
}

function isUnknown(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

function NoMenu({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const nav = useNav();
  const unknown = isUnknown(error);
  return (
    <EmptyState
      level={unknown ? 1 : 2}
      action={
        unknown ? (
          <Button onPress={() => nav.go('stores')} title="Choose a store" />
        ) : (
          <Button icon="refresh" onPress={onRetry} title="Try again" />
        )
      }
      title={unknown ? 'No such store' : 'The menu didn’t load'}
    >
      {unknown ? 'This address belongs to no store of ours. Pick one near you.' : messageOf(error)}
    </EmptyState>
  );
}

/** What a store pours now. */
export default function MenuScreen({ params }: ScreenProps<'menu'>) {
  const store = useStoreDetail(params.store);
  const menu = useMenu(params.store);
  const now = new Date(useNow(15_000));
  const detail = store.data;
  useOpenCart(detail);
  const retry = () => void menu.refetch();
  // News and drinks come together, so that nothing moves under a finger.
  const underWay = useUnderWay();
  const settled = (detail !== undefined || store.error !== null) && !underWay.looking;
  const shown = useUnhurried(settled ? menu.data : undefined);
  if (menu.error && isUnknown(menu.error)) {
    return (
      <Screen>
        <NoMenu error={menu.error} onRetry={retry} />
      </Screen>
    );
  }
  return (
    <Screen footer={shown && <MenuActions menu={shown} slug={params.store} />} width={WIDE}>
      <Box gap="lg">
        <MenuHeader now={now} store={detail} />
        {shown && underWay.order && <UnderWay order={underWay.order} />}
        <Text display level={1} size="hero">
          What are we popping today?
        </Text>
      </Box>
      {shown && <News error={menu.error} menu={shown} now={now} store={detail} />}
      {shown ? (
        <Shelves menu={shown} slug={params.store} />
      ) : menu.error ? (
        <NoMenu error={menu.error} onRetry={retry} />
      ) : (
        <DrinkGridWaiting />
      )}
    </Screen>
  );
}
