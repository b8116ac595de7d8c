import { Button, EmptyState, IconButton, Screen } from '@/components/ui';
import { ApiError, messageOf } from '@/lib/api';
import { useNav } from '@/lib/nav';

/** Whether an order is kept from us: it needs its secret link, or the account that placed it. */
export function isKeptFromUs(error: Error): boolean {
  return error instanceof ApiError && [401, 403, 404].includes(error.status);
}

/** In place of an order that can't be shown: what it would take to see it. */
export function NoOrder({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const nav = useNav();
  const secret = isKeptFromUs(error);
  return (
    <Screen header={<IconButton icon="back" label="To the menu" onPress={() => nav.back('home')} />}>
      <EmptyState
        action={
          secret ? (
            <Button onPress={() => nav.go('account')} title="Sign in" />
          ) : (
            <Button icon="refresh" onPress={onRetry} title="Try again" />
          )
        }
        level={1}
        title={secret ? 'This order isn’t on this device' : 'The order didn’t load'}
      >
        {secret
          ? 'Orders open where they were placed, with their own secret link, or in the account that placed them.'
          : messageOf(error)}
      </EmptyState>
    </Screen>
  );
}
