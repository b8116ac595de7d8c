import { Glass } from '@/components/glass';
import { Button, EmptyState } from '@/components/ui';
import { useNav } from '@/lib/nav';

/** Nothing chosen yet. */
export function EmptyCart({ store }: { store: string | null }) {
  const nav = useNav();
  const go = () => (store === null ? nav.go('stores') : nav.go('menu', { store }));
  return (
    <EmptyState
      action={<Button onPress={go} title={store === null ? 'Choose a store' : 'See the menu'} trailingIcon="next" />}
      picture={
        <Glass bubbles={0} cream={null} garnish={null} ice="light" label="" layers={[]} pearls={null} scoops={[]} size={140} />
      }
      title="A glass half nothing"
    >
      Your cart is empty. Pick a drink, or build one of your own.
    </EmptyState>
  );
}
