import type { StoreDetail } from '@/api/types';
import { Announce, Box, Button, Text } from '@/components/ui';
import { allergenName } from '@/lib/drink';
import { list, money } from '@/lib/format';
import { useNav } from '@/lib/nav';
import { readyAt } from '@/lib/opening';

import type { Building } from '../use-draft';

function title(building: Building, ready: string | null): string {
  const verb = building.editing ? 'Save' : building.draft.quantity > 1 ? `Add ${building.draft.quantity}` : 'Add';
  return ready ? `${verb}, ready ${ready}` : building.editing ? 'Save' : `${verb} to cart`;
}

function spoken({ cents, menu, facts, allergens }: Building): string {
  const contains = allergens.contains.length > 0 ? `contains ${list(allergens.contains.map(allergenName))}` : 'no allergens added';
  return `${money(cents, menu.currency)}, ${facts.kcal} kilocalories, ${contains}`;
}

/** Puts the drink into the cart, or says what keeps it out. */
export function AddAction({ building, store, now }: { building: Building; store?: StoreDetail; now: Date }) {
  const nav = useNav();
  const problem = building.problems[0];
  const ready = store ? readyAt(store, now) : null;
  const add = () => {
    if (!store) return;
    building.keep(store);
    if (building.editing) nav.back('cart');
    else nav.replace('menu', { store: store.slug });
  };
  return (
    <Box gap="sm">
      <Box live="assertive" role="status">
        {problem && (
          <Text bold center size="small" tone="warn">
            {problem}
          </Text>
        )}
      </Box>
      <Button
        busy={!store}
        disabled={problem !== undefined}
        onPress={add}
        title={title(building, ready)}
        trailing={money(building.cents, building.menu.currency)}
      />
      <Announce>{spoken(building)}</Announce>
    </Box>
  );
}
