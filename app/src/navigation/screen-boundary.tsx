import { Component, type ReactNode } from 'react';

import { Button, EmptyState, Screen } from '@/components/ui';

interface Props {
  children: ReactNode;
  /** Another screen starts without the last one's failure. */
  address: string;
  onHome: () => void;
}

interface State {
  failure: Error | null;
  address: string;
}

/** Catches what a screen throws while it is drawn or fetched, and says what helps. */
export class ScreenBoundary extends Component<Props, State> {
  override state: State = { failure: null, address: this.props.address };

  static getDerivedStateFromError(failure: Error): Partial<State> {
    return { failure };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.address === state.address ? null : { failure: null, address: props.address };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    return <Failure failure={failure} onHome={this.props.onHome} onRetry={() => this.setState({ failure: null })} />;
  }
}

function Failure({ failure, onHome, onRetry }: { failure: Error; onHome: () => void; onRetry: () => void }) {
  const updated = failure.name === 'AsyncRequireError';
  const reload = (): void => (typeof window !== 'undefined' && 'location' in window ? window.location.reload() : onRetry());
  return (
    <Screen>
      <EmptyState
        level={1}
        action={<Button onPress={updated ? reload : onRetry} title={updated ? 'Load it again' : 'Show it again'} />}
        title={updated ? 'This page didn’t arrive' : 'This page couldn’t be drawn'}
      >
        {updated
          ? 'The connection dropped, or CodePop was just updated. Your cart and your orders are kept.'
          : `Your cart and your orders are kept. For our support: ${failure.message}`}
      </EmptyState>
      <Button kind="quiet" onPress={onHome} title="Go to the menu" />
    </Screen>
  );
}
