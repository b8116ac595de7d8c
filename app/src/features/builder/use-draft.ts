import { useMemo, useState } from 'react';

import type { Ingredient, Menu, Nutrition, Size, StoreDetail } from '@/api/types';
import { addLine, replaceLine, useLines } from '@/lib/cart';
import { allergensOf, catalogueOf, nutritionOf, unitPriceCents, type Allergens, type Catalogue } from '@/lib/drink';
import { lineName, sizeOf } from '@/lib/drink-lines';
import { problemsOf } from '@/lib/drink-rules';

import { draftFor, lineOf, withAmount, type Draft } from './model';

export interface Building {
  draft: Draft;
  catalogue: Catalogue;
  menu: Menu;
  size: Size;
  name: string;
  cents: number;
  facts: Nutrition;
  allergens: Allergens;
  problems: string[];
  /** Whether it replaces a line of the cart. */
  editing: boolean;
  change: (part: Partial<Draft>) => void;
  setAmount: (ingredient: Ingredient, amount: number) => void;
  keep: (store: StoreDetail) => void;
}

/** What follows from the draft as it stands. */
function consequences(draft: Draft, menu: Menu, catalogue: Catalogue) {
  const size = sizeOf(draft.size, menu);
  return {
    size,
    name: lineName({ name: draft.name, drink_id: draft.drinkId, recipe: draft.recipe }, menu, catalogue),
    cents: unitPriceCents(draft.recipe, size, catalogue) * draft.quantity,
    facts: nutritionOf(draft.recipe, size, menu, catalogue),
    allergens: allergensOf(draft.recipe, catalogue),
    problems: problemsOf(draft.recipe, size, menu, catalogue),
  };
}

/** The drink one builds at this store; null when the address names a drink that isn't on the menu. */
export function useBuilding(menu: Menu, slug: string, drink: string, lineId: string | undefined): Building | null {
  const line = useLines(slug).find((one) => one.id === lineId);
  const [draft, setDraft] = useState(() => draftFor(menu, drink, line));
  const catalogue = useMemo(() => catalogueOf(menu), [menu]);
  const follows = useMemo(() => draft && consequences(draft, menu, catalogue), [draft, menu, catalogue]);
  if (!draft || !follows) return null;
  const change = (part: Partial<Draft>) => setDraft((now) => now && { ...now, ...part });
  return {
    ...follows,
    draft,
    catalogue,
    menu,
    editing: line !== undefined,
    change,
    setAmount: (ingredient, amount) =>
      setDraft((now) => now && { ...now, recipe: withAmount(now.recipe, ingredient, amount) }),
    keep: (store) => {
      if (line) replaceLine(slug, line.id, lineOf(draft));
      else addLine(store, lineOf(draft), menu.rules.max_per_line);
    },
  };
}
