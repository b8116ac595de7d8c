import { useQuery } from '@tanstack/react-query';

import type { Favourite, Menu, StoreDetail } from '@/api/types';
import { HouseGlass } from '@/components/house-glass';
import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import { Box, Button, EmptyState, LinkList, LinkRow } from '@/components/ui';
import { useChosenStore } from '@/lib/chosen-store';
import { catalogueOf } from '@/lib/drink';
import { useNav, type ScreenProps } from '@/lib/nav';
import { menuQuery } from '@/lib/queries/menu';
import { favouritesQuery } from '@/lib/queries/mine';
import { storeQuery } from '@/lib/queries/stores';
import { hrefTo } from '@/navigation/routes';

import { FavouriteCard } from './components/favourite-card';

function Empty({ slug }: { slug: string }) {
  const nav = useNav();
  return (
    <EmptyState
      action={<Button onPress={() => nav.go('menu', { store: slug })} title="See the menu" trailingIcon="next" />}
      picture={<HouseGlass size={120} />}
      title="Nothing kept yet"
    >
      Build a drink and tap “Keep as a favourite”. It waits here, one tap from your cart.
    </EmptyState>
  );
}

interface ListProps {
  favourites: readonly Favourite[];
  store: StoreDetail;
  menu: Menu;
}

function List({ favourites, store, menu }: ListProps) {
  const catalogue = catalogueOf(menu);
  return (
    <Box gap="md" label="Favourites" role="list">
      {favourites.map((favourite) => (
        <Box key={favourite.id} role="listitem">
          <FavouriteCard catalogue={catalogue} favourite={favourite} menu={menu} store={store} />
        </Box>
      ))}
    </Box>
  );
}

/** The favourites by what one store can make now. */
function AtStore({ slug }: { slug: string }) {
  const nav = useNav();
  const store = useQuery(storeQuery(slug));
  const menu = useQuery(menuQuery(slug));
  const favourites = useQuery({ ...favouritesQuery(store.data?.id ?? null), enabled: store.data !== undefined });
  return (
    <Loaded failed="The store didn’t load" label="Loading your favourites" query={store} shapes={SHAPES}>
      {(place) => (
        <>
          <LinkList>
            <LinkRow
              detail={place.name}
              href={hrefTo('stores')}
              icon="pin"
              onPress={() => nav.go('stores')}
              title="Pick up at"
            />
          </LinkList>
          <Loaded failed="Your favourites didn’t load" label="Loading your favourites" query={favourites} shapes={SHAPES}>
            {(kept) =>
              kept.length === 0 ? (
                <Empty slug={slug} />
              ) : (
                <Loaded failed="The menu didn’t load" label="Loading your favourites" query={menu} shapes={SHAPES}>
                  {(shown) => <List favourites={kept} menu={shown} store={place} />}
                </Loaded>
              )
            }
          </Loaded>
        </>
      )}
    </Loaded>
  );
}

const SHAPES = [64, 150, 150];

function NoStore() {
  const nav = useNav();
  return (
    <EmptyState action={<Button onPress={() => nav.go('stores')} title="Choose a store" />} title="Where do you pick up?">
      Choose a store first: then you see which of your favourites it can make right now.
    </EmptyState>
  );
}

function Favourites() {
  const slug = useChosenStore();
  return slug === null ? <NoStore /> : <AtStore slug={slug} />;
}

/** Drinks to have again, one tap from the cart. */
export default function FavouritesScreen(_: ScreenProps<'favourites'>) {
  return (
    <MembersOnly title="Your favourites" why="Sign in to keep drinks and have them again with one tap.">
      {() => <Favourites />}
    </MembersOnly>
  );
}
