import { useState } from 'react';

import type { Ingredient, IngredientKind, Tastes } from '@/api/types';
import { Box, Chip, Chips, Swatch, Text } from '@/components/ui';

import { KINDS, opinionOn, shown, withOpinion } from '../model';

interface OpinionsProps {
  ingredients: readonly Ingredient[];
  tastes: Tastes;
  onChange: (tastes: Tastes) => void;
}

/** Ingredients one likes, or would rather not have. */
export function Opinions({ ingredients, tastes, onChange }: OpinionsProps) {
  const [kind, setKind] = useState<IngredientKind>('syrup');
  // The order stays while one taps, so that nothing moves under a finger.
  const [first, setFirst] = useState(tastes);
  const choose = (next: IngredientKind) => {
    setKind(next);
    setFirst(tastes);
  };
  return (
    <Box gap="md">
      <Text bold>Ingredients</Text>
      <Chips choices={KINDS} inset={20} label="Kind of ingredient" onChange={choose} value={kind} />
      <Box gap="xs" label="Ingredients" role="list">
        {shown(ingredients, kind, first).map((ingredient) => (
          <Box gap="sm" key={ingredient.id} minHeight={52} role="listitem" row>
            <Swatch color={ingredient.color} />
            <Box grow>
              <Text>{ingredient.name}</Text>
            </Box>
            <Opinion ingredient={ingredient} onChange={onChange} tastes={tastes} />
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function Opinion({ ingredient, tastes, onChange }: { ingredient: Ingredient } & Pick<OpinionsProps, 'tastes' | 'onChange'>) {
  const { id, name } = ingredient;
  const opinion = opinionOn(tastes, id);
  return (
    <>
      <Chip label={`I like ${name}`} on={opinion === 'liked'} onPress={() => onChange(withOpinion(tastes, id, 'liked'))} title="Like" />
      <Chip label={`No ${name} for me`} on={opinion === 'disliked'} onPress={() => onChange(withOpinion(tastes, id, 'disliked'))} title="Not" />
    </>
  );
}
