import type { Store } from '@/api/types';
import { Badge, Box, Card, Icon, Text } from '@/components/ui';
import { distance } from '@/lib/format';
import { openingText, readyAt } from '@/lib/opening';
import { hrefTo } from '@/navigation/routes';

export interface StoreCardProps {
  store: Store;
  now: Date;
  onChoose: (store: Store) => void;
}

/** One store: where it is, whether it is open, when a drink would be ready. */
export function StoreCard({ store, now, onChoose }: StoreCardProps) {
  const ready = readyAt(store, now);
  const far = store.distance_m === null ? null : distance(store.distance_m);
  const opening = openingText(store, now);
  return (
    <Card href={hrefTo('menu', { store: store.slug })} onPress={() => onChoose(store)}>
      <Box gap="sm">
        <Box align="flex-start" gap="md" justify="space-between" row>
          <Box grow>
            <Text display size="title">
              {store.name}
            </Text>
            <Text size="small" tone="ink2">
              {`${store.address}, ${store.city}`}
            </Text>
          </Box>
          {ready && <Badge kind="lime" title={`ready ${ready}`} />}
        </Box>
        <Box gap="md" row>
          <Box gap="xs" row>
            <Icon name="clock" size={16} tone={ready ? 'ok' : 'ink2'} />
            <Text numeric size="small" tone={ready ? 'ok' : 'ink2'}>
              {opening}
            </Text>
          </Box>
          {far && (
            <Box gap="xs" row>
              <Icon name="pin" size={16} tone="ink2" />
              <Text numeric size="small" tone="ink2">
                {far}
              </Text>
            </Box>
          )}
        </Box>
      </Box>
    </Card>
  );
}
