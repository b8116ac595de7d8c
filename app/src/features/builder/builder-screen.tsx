import type { Menu } from '@/api/types';
import { Box, Button, EmptyState, Screen, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { useOpenCart } from '@/lib/cart';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useNow } from '@/lib/now';
import { useMenu } from '@/lib/queries/menu';
import { useStoreDetail } from '@/lib/queries/stores';
import { useWide } from '@/theme';

import { AddAction } from './components/add-action';
import { Facts } from './components/facts';
import { Finish } from './components/finish';
import { GlassPane } from './components/glass-pane';
import { InGlass } from './components/in-glass';
import { Pantry } from './components/pantry';
import { BuilderWaiting } from './components/waiting';
import { useBuilding, type Building } from './use-draft';

function Title({ building }: { building: Building }) {
  const preset = building.menu.drinks.find((drink) => drink.id === building.draft.drinkId);
  return (
    <Box gap="xs">
      <Box align="baseline" gap="md" justify="space-between" row>
        <Box style={{ flexShrink: 1 }}>
          <Text display level={1} size="head">
            {building.draft.drinkId === null && !building.draft.name ? 'Build your own' : building.name}
          </Text>
        </Box>
        <Text numeric size="small" tone="ink2">
          {building.size.name}
        </Text>
      </Box>
      {preset && (
        <Text size="small" tone="ink2">
          {preset.description}
        </Text>
      )}
    </Box>
  );
}

function Builder({ menu, params }: { menu: Menu; params: ScreenProps<'builder'>['params'] }) {
  const wide = useWide();
  const now = new Date(useNow(15_000));
  const store = useStoreDetail(params.store);
  useOpenCart(store.data);
  const building = useBuilding(menu, params.store, params.drink, params.line);
  if (!building) return <NotOnMenu store={params.store} />;
  const tile = menu.drinks.find((drink) => drink.id === building.draft.drinkId)?.tile ?? 'violet';
  return (
    <Box row={wide} style={{ flex: 1, alignItems: 'stretch' }}>
      <GlassPane building={building} tile={tile} />
      <Box style={{ flex: wide ? 6 : 1, minHeight: 0 }}>
        <Screen footer={<AddAction building={building} now={now} store={store.data} />}>
          <Title building={building} />
          <InGlass building={building} />
          {!wide && <Facts building={building} />}
          <Pantry building={building} />
          <Finish building={building} />
        </Screen>
      </Box>
    </Box>
  );
}

function NotOnMenu({ store }: { store: string }) {
  const nav = useNav();
  return (
    <Screen>
      <EmptyState
        action={<Button onPress={() => nav.replace('menu', { store })} title="See the menu" />}
        level={1}
        title="Not on the menu now"
      >
        This drink has left the menu, maybe with its season. There’s more where it came from.
      </EmptyState>
    </Screen>
  );
}

/** Build a drink, from one of the menu or from nothing. */
export default function BuilderScreen({ params }: ScreenProps<'builder'>) {
  const menu = useMenu(params.store);
  if (menu.data) return <Builder menu={menu.data} params={params} />;
  if (!menu.error) return <BuilderWaiting />;
  return (
    <Screen>
      <EmptyState
        action={<Button icon="refresh" onPress={() => void menu.refetch()} title="Try again" />}
        level={1}
        title="The menu didn’t load"
      >
        {messageOf(menu.error)}
      </EmptyState>
    </Screen>
  );
}
