import type { StoreDetail } from '@/api/types';
import { Badge, Box, Icon, IconButton, Press, Skeleton, Text } from '@/components/ui';
import { useNav } from '@/lib/nav';
import { readyAt } from '@/lib/opening';

function StorePicker({ store, onPress }: { store: StoreDetail | undefined; onPress: () => void }) {
  return (
    <Press
      onPress={onPress}
      style={() => ({ flexShrink: 1, minHeight: 44, minWidth: 120, borderRadius: 10, justifyContent: 'center' })}
    >
      <Text size="small" tone="ink2">
        Pick up at
      </Text>
      {store ? (
        <Box gap="xs" row>
          <Box style={{ flexShrink: 1 }}>
            <Text display lines={1} style={{ fontSize: 17, lineHeight: 22 }}>
              {store.name}
            </Text>
          </Box>
          <Icon name="down" size={16} />
        </Box>
      ) : (
        <Skeleton height={22} width={150} />
      )}
    </Press>
  );
}

/** Where, when, and the way to one's own things. */
export function MenuHeader({ store, now }: { store: StoreDetail | undefined; now: Date }) {
  const nav = useNav();
  const ready = store ? readyAt(store, now) : null;
  return (
    <Box gap="sm" justify="space-between" row>
      <StorePicker onPress={() => nav.go('stores')} store={store} />
      <Box gap="sm" row>
        {ready && <Badge kind="lime" label={`Ready at ${ready} when you order now`} title={`ready ${ready}`} />}
        <IconButton icon="person" label="Your orders and account" onPress={() => nav.go('account')} />
      </Box>
    </Box>
  );
}
