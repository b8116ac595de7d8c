import type { Store } from '@/api/types';
import { Box, Button, EmptyState, Loading, Notice, Skeleton } from '@/components/ui';
import { Glass } from '@/components/glass';
import { messageOf } from '@/lib/api';
import { useGradually } from '@/lib/gradually';
import { useNow } from '@/lib/now';

import { StoreCard } from './store-card';

export interface StoreListProps {
  stores: Store[] | undefined;
  error: Error | null;
  query: string;
  onChoose: (store: Store) => void;
  onRetry: () => void;
  onReset: () => void;
}

function Waiting() {
  return (
    <Loading label="Looking for stores">
      {[0, 1, 2, 3].map((row) => (
        <Skeleton height={116} key={row} rounded="lg" />
      ))}
    </Loading>
  );
}

function NoneFound({ query, onReset }: Pick<StoreListProps, 'query' | 'onReset'>) {
  return (
    <EmptyState
      action={<Button kind="secondary" onPress={onReset} title="Show all stores" />}
      picture={
        <Glass bubbles={0} cream={null} garnish={null} ice="light" label="" layers={[]} pearls={null} scoops={[]} size={110} />
      }
      title="No store there yet"
    >
      {`Nothing matches “${query}”. Try a town, a street or a postcode.`}
    </EmptyState>
  );
}

/** Fills the first screen. */
const AT_ONCE = 5;

function Found({ stores, onChoose }: { stores: Store[]; onChoose: (store: Store) => void }) {
  const now = new Date(useNow(30_000));
  const shown = useGradually(stores, AT_ONCE);
  return (
    <Box gap="md" role="list">
      {shown.map((store) => (
        <Box key={store.id} role="listitem">
          <StoreCard now={now} onChoose={onChoose} store={store} />
        </Box>
      ))}
    </Box>
  );
}

/** The stores, or why there are none to see. */
export function StoreList(props: StoreListProps) {
  const { stores, error } = props;
  if (!stores && !error) return <Waiting />;
  return (
    <Box gap="md">
      {error && (
        <Notice
          action={<Button compact kind="secondary" onPress={props.onRetry} title="Try again" />}
          icon="offline"
          kind="warn"
          title={stores ? 'This list may be old' : 'The stores didn’t load'}
        >
          {messageOf(error)}
        </Notice>
      )}
      {stores?.length === 0 && <NoneFound onReset={props.onReset} query={props.query} />}
      {stores && <Found onChoose={props.onChoose} stores={stores} />}
    </Box>
  );
}
