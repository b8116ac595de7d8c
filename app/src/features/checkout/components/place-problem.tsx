import { Button, Notice, Text } from '@/components/ui';
import { ApiError, messageOf } from '@/lib/api';
import { useNav } from '@/lib/nav';

import { fieldMessages, newQuoteOf } from '../model';

interface PlaceProblemProps {
  error: Error;
  /** Asks once more, where that is all there is to do. */
  onRetry: (() => void) | undefined;
}

/** What the server said no to, in its words, with the one thing that helps. */
export function PlaceProblem({ error, onRetry }: PlaceProblemProps) {
  const nav = useNav();
  const details = fieldMessages(error);
  if (newQuoteOf(error)) {
    return (
      <Notice kind="warn" title="Something changed since you saw the price">
        <Text size="small" tone="ink2">
          {[...details, 'The new total is below. Order again if it suits you.'].join(' ')}
        </Text>
      </Notice>
    );
  }
  const code = error instanceof ApiError ? error.code : null;
  if (code === 'quote_expired') {
    return <Notice kind="warn" title="The price ran out">We asked for a fresh one. Have a look, then order.</Notice>;
  }
  if (code === 'quote_used') {
    const action = <Button compact kind="secondary" onPress={() => nav.go('orders')} title="See your orders" />;
    return <Notice action={action} title="You ordered this already">{messageOf(error)}</Notice>;
  }
  if (code === 'quote_refused') {
    const action = <Button compact kind="secondary" onPress={() => nav.go('cart')} title="Change the cart" />;
    return (
      <Notice action={action} kind="bad" title={messageOf(error)}>
        {details.join(' ')}
      </Notice>
    );
  }
  const retry = onRetry && <Button compact icon="refresh" kind="secondary" onPress={onRetry} title="Try again" />;
  return (
    <Notice action={retry} icon={error instanceof ApiError ? undefined : 'offline'} kind="bad" title="Not ordered yet">
      {[messageOf(error), ...details].join(' ')}
    </Notice>
  );
}
