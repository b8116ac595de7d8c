import { AddressProblem } from '@/components/address-problem';
import { Box, Button, EmptyState, IconButton, Loading, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';

import { useAllOrders } from './api';
import { OrderCard } from './components/order-card';

function Heading({ guest }: { guest: boolean }) {
  const nav = useNav();
  return (
    <Box gap="lg">
      <IconButton icon="back" label="Back" onPress={() => nav.back('home')} />
      <Box gap="xs">
        {guest && (
          <Text size="small" tone="ink2">
            The orders that this device remembers
          </Text>
        )}
        <Text display level={1} size="hero">
          Your orders
        </Text>
      </Box>
    </Box>
  );
}

/** Everything ordered, newest first: the account's, and those of a guest on this device. */
export default function OrdersScreen(_: ScreenProps<'orders'>) {
  const nav = useNav();
  const { me, orders, waiting, error, retry, older } = useAllOrders();
  return (
    <Screen>
      <Heading guest={me === null} />
      <AddressProblem />
      {error && (
        <Notice
          action={<Button compact icon="refresh" kind="secondary" onPress={retry} title="Try again" />}
          icon="offline"
          kind="warn"
          title="Some orders didn’t load"
        >
          {messageOf(error)}
        </Notice>
      )}
      <Box gap="md" label="Orders" role="list">
        {orders.map((order) => (
          <Box key={order.id} role="listitem">
            <OrderCard order={order} />
          </Box>
        ))}
      </Box>
      {waiting && orders.length === 0 && (
        <Loading label="Loading your orders">
          <Skeleton height={120} rounded="lg" />
          <Skeleton height={120} rounded="lg" />
        </Loading>
      )}
      {older && <Button busy={older.busy} kind="secondary" onPress={older.show} title="Show older ones" />}
      {!waiting && !error && orders.length === 0 && (
        <EmptyState action={<Button onPress={() => nav.go('home')} title="See the menu" />} title="No orders yet">
          Your first one will be waiting here, with its code and its door.
        </EmptyState>
      )}
    </Screen>
  );
}
