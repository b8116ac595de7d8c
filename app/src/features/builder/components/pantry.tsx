import { useState } from 'react';

import type { Ingredient, IngredientKind } from '@/api/types';
import { Box, Button, Chips, Rule, Text, TextField } from '@/components/ui';
import { GROUP_OF } from '@/lib/drink';
import { limitsOf } from '@/lib/drink-rules';
import { count } from '@/lib/format';

import { found, kindName, kindsOn } from '../model';
import type { Building } from '../use-draft';
import { PartRow } from './part-row';

function limitText(kind: IngredientKind, building: Building): string {
  const group = GROUP_OF[kind];
  const limit = limitsOf(building.menu.rules).groups[group];
  const left = limit - building.draft.recipe[group].length;
  const name = kindName(kind);
  return left > 0 ? `Up to ${count(limit, name)}, ${left} to go.` : `That’s all ${limit}. Take one out to swap.`;
}

/** So many are shown before one asks for all. */
const FIRST = 8;

interface ShelfProps {
  building: Building;
  ingredients: readonly Ingredient[];
  /** "syrup", for the button that shows the rest. */
  name: string;
}

/** Ingredients to choose from; a long shelf opens on request. */
function Shelf({ building, ingredients, name }: ShelfProps) {
  const [open, setOpen] = useState(false);
  const shown = open || ingredients.length <= FIRST + 2 ? ingredients : ingredients.slice(0, FIRST);
  return (
    <Box gap="md">
      <Box gap="sm" role="list">
        {shown.map((ingredient, index) => (
          <Box gap="sm" key={ingredient.id} role="listitem">
            {index > 0 && <Rule />}
            <PartRow building={building} ingredient={ingredient} />
          </Box>
        ))}
      </Box>
      {shown.length < ingredients.length && (
        <Button
          compact
          icon="down"
          kind="secondary"
          onPress={() => setOpen(true)}
          title={`Show all ${count(ingredients.length, name)}`}
        />
      )}
    </Box>
  );
}

/** The shelf one looks at; sodas come forward when the drink has none. */
function useKind(hasSoda: boolean) {
  const [kind, setKind] = useState<IngredientKind>('syrup');
  const [hadSoda, setHadSoda] = useState(true);
  if (hadSoda !== hasSoda) {
    setHadSoda(hasSoda);
    if (!hasSoda) setKind('soda');
  }
  return [kind, setKind] as const;
}

/** All that can go into the glass: by kind, or by searching. */
export function Pantry({ building }: { building: Building }) {
  const { menu } = building;
  const [kind, setKind] = useKind(building.draft.recipe.sodas.length > 0);
  const [words, setWords] = useState('');
  const searching = words.trim() !== '';
  const ingredients = found(menu, kind, words);
  return (
    <Box gap="md">
      <Text display level={2} size="title">
        Add to it
      </Text>
      <TextField
        icon="search"
        keyboard="search"
        label="Search all ingredients"
        labelHidden
        onChange={setWords}
        placeholder="Search, like “coconut” or “diet”"
        value={words}
      />
      {!searching && (
        <Chips
          choices={kindsOn(menu).map((one) => ({ value: one.kind, title: one.title }))}
          inset={20}
          label="Kind of ingredient"
          onChange={setKind}
          value={kind}
        />
      )}
      <Text live="polite" numeric size="small" tone="ink2">
        {searching ? `${count(ingredients.length, 'ingredient')} for “${words.trim()}”` : limitText(kind, building)}
      </Text>
      <Shelf
        building={building}
        ingredients={ingredients}
        key={searching ? 'found' : kind}
        name={searching ? 'ingredient' : kindName(kind)}
      />
    </Box>
  );
}
