import { Button, EmptyState } from '@/components/ui';
import { ApiError, messageOf } from '@/lib/api';

interface LinkGoneProps {
  error: Error;
  onRetry: () => void;
  /** The way on when the link itself is the matter. */
  action: { title: string; onPress: () => void };
  children: string;
}

/** A mail's link that can't be used, or couldn't be looked at; these are different things to do about. */
export function LinkGone({ error, onRetry, action, children }: LinkGoneProps) {
  if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429) {
    return (
      <EmptyState action={<Button icon="refresh" onPress={onRetry} title="Try again" />} title="We couldn’t look at the link">
        {messageOf(error)}
      </EmptyState>
    );
  }
  return (
    <EmptyState action={<Button onPress={action.onPress} title={action.title} />} title="This link doesn’t work any more">
      {children}
    </EmptyState>
  );
}
