import type { Ingredient } from '@/api/types';
import { Box, Icon, IconButton, Stepper, Swatch, Text } from '@/components/ui';
import { soldOutText } from '@/lib/drink-rules';
import { money } from '@/lib/format';

import { amountOf, kindName, maxOf } from '../model';
import type { Building } from '../use-draft';

export interface PartRowProps {
  ingredient: Ingredient;
  building: Building;
  /** Shows its share of the sodas. */
  percent?: number | null;
}

function note({ ingredient, building, percent }: PartRowProps): string {
  if (!ingredient.available) return soldOutText(ingredient);
  const kind = kindName(ingredient.kind);
  if (ingredient.kind === 'soda') {
    const share = percent === null || percent === undefined ? null : `${percent} % of the soda`;
    return [ingredient.diet ? `diet ${kind}` : kind, share].filter(Boolean).join(', ');
  }
  const price = ingredient.price_cents > 0 ? `+${money(ingredient.price_cents, building.menu.currency)}` : 'included';
  return `${kind}, ${price} a ${ingredient.portion.name}`;
}

const UNIT: Partial<Record<Ingredient['kind'], string>> = { soda: 'parts', syrup: 'pumps' };

function Amount({ ingredient, building }: PartRowProps) {
  const amount = amountOf(building.draft.recipe, ingredient.id);
  const max = maxOf(building.draft.recipe, ingredient, building.menu.rules);
  const set = (next: number) => building.setAmount(ingredient, next);
  if (ingredient.kind === 'soda' && building.draft.recipe.sodas.length === 1 && amount > 0) {
    return <IconButton icon="close" label={`Take out ${ingredient.name}`} onPress={() => set(0)} square />;
  }
  const label = `${ingredient.name} ${UNIT[ingredient.kind] ?? 'portions'}`;
  const limit = ingredient.available ? max : amount;
  return <Stepper addLabel={`Add ${ingredient.name}`} label={label} max={limit} onChange={set} value={amount} />;
}

/** One ingredient: its colour, its name, what it costs, and how much of it. */
export function PartRow(props: PartRowProps) {
  const { ingredient } = props;
  return (
    <Box gap="md" minHeight={56} row>
      <Swatch color={ingredient.color} />
      <Box grow>
        <Text bold>{ingredient.name}</Text>
        <Box gap="xs" row>
          {!ingredient.available && <Icon name="warn" size={14} tone="warn" />}
          <Box style={{ flexShrink: 1 }}>
            <Text numeric size="tiny" tone={ingredient.available ? 'ink2' : 'warn'}>
              {note(props)}
            </Text>
          </Box>
        </Box>
      </Box>
      <Amount {...props} />
    </Box>
  );
}
