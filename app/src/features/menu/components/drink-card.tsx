import { memo } from 'react';

import type { Drink } from '@/api/types';
import { Glass, glassFor } from '@/components/glass';
import { Badge, Box, Card, Money, Text } from '@/components/ui';
import type { Catalogue } from '@/lib/drink';

import { allergenBadge } from '../model';

export interface DrinkCardProps {
  drink: Drink;
  catalogue: Catalogue;
  currency: string;
  href: string;
  onOpen: (drink: Drink) => void;
}

function Tile({ drink, catalogue }: Pick<DrinkCardProps, 'drink' | 'catalogue'>) {
  const out = !drink.available;
  return (
    <Box
      align="center"
      fill={out ? 'hush' : undefined}
      height={146}
      justify="flex-end"
      rounded="md"
      style={{ paddingBottom: 7 }}
      tile={out ? undefined : drink.tile}
    >
      <Glass {...glassFor(drink.recipe, catalogue)} label={drink.name} muted={out} size={96} />
    </Box>
  );
}

/** A drink on the menu: its glass, what it is, what it costs, what it contains; or when it is back. */
export const DrinkCard = memo(function DrinkCard({ drink, catalogue, currency, href, onOpen }: DrinkCardProps) {
  const contains = allergenBadge(drink.allergens);
  return (
    <Card
      href={href}
      onPress={() => onOpen(drink)}
      pad="md"
      style={{ flexGrow: 1, justifyContent: 'flex-start' }}
    >
      <Box gap="md" style={{ flexGrow: 1 }}>
        <Tile catalogue={catalogue} drink={drink} />
        <Box style={{ flexGrow: 1, gap: 2 }}>
          <Text display lines={2} style={{ fontSize: 17, lineHeight: 21 }}>
            {drink.name}
          </Text>
          <Text lines={4} size="tiny" tone={drink.available ? 'ink2' : 'warn'}>
            {drink.available ? drink.description : (drink.unavailable_reason ?? 'Sold out')}
          </Text>
        </Box>
        <Box gap="xs" justify="space-between" row>
          <Money cents={drink.price_cents} currency={currency} />
          <Badge label={contains.label} title={contains.title} />
        </Box>
      </Box>
    </Card>
  );
});
