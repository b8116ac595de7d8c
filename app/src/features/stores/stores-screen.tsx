import type { Store } from '@/api/types';
import { Box, Button, IconButton, Notice, Screen, Text, TextField } from '@/components/ui';
import { WelcomeRow } from '@/components/welcome-row';
import { openCart } from '@/lib/cart';
import { getChosenStore } from '@/lib/chosen-store';
import { useUnhurried } from '@/lib/gradually';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useStores } from '@/lib/queries/stores';

import { StoreList } from './components/store-list';
import { useSearch } from './use-search';

function Finder({ search }: { search: ReturnType<typeof useSearch> }) {
  return (
    <Box gap="md">
      <TextField
        icon="search"
        keyboard="search"
        label="Search for a town, street or store"
        labelHidden
        onChange={search.setWords}
        placeholder="Town, street or store"
        value={search.words}
      />
      <Box row>
        <Button
          busy={search.locating}
          compact
          icon="pin"
          kind="secondary"
          onPress={() => void search.locate()}
          title={search.place ? 'Look near me again' : 'Stores near me'}
        />
      </Box>
      {search.problem && (
        <Notice kind="warn" title="No location">
          {search.problem}
        </Notice>
      )}
    </Box>
  );
}

/** Where to pick up. */
export default function StoresScreen(_: ScreenProps<'stores'>) {
  const nav = useNav();
  const search = useSearch();
  const stores = useStores(search.search);
  const found = useUnhurried(stores.data?.items);
  const choose = (store: Store) => {
    openCart(store);
    nav.go('menu', { store: store.slug });
  };
  return (
    <Screen>
      <Box gap="lg">
        {getChosenStore() && <IconButton icon="back" label="Back to the menu" onPress={() => nav.back('home')} />}
        <Box gap="xs">
          <Text size="small" tone="ink2">
            Sodas, mixed by robots, ready as you arrive
          </Text>
          <Text display level={1} size="hero">
            Where do you pick up?
          </Text>
        </Box>
      </Box>
      <WelcomeRow />
      <Finder search={search} />
      <StoreList
        error={stores.error}
        onChoose={choose}
        onReset={() => search.setWords('')}
        onRetry={() => void stores.refetch()}
        query={search.words}
        stores={found}
      />
    </Screen>
  );
}
