import type { Ingredient, Menu, Recipe, Size } from '@/api/types';

import { partsOf, sodaRoomMl, type Catalogue, type Group } from './drink';

/** The builder's limits, as the menu of the store has them. */
export interface Limits {
  groups: Record<Group, number>;
  amounts: Record<Group, number>;
  minSodaPercent: number;
  maxNameLength: number;
}

export function limitsOf(rules: Menu['rules']): Limits {
  const portions = rules.max_portions;
  return {
    groups: {
      sodas: rules.max_sodas, syrups: rules.max_syrups, juices: rules.max_juices, creams: rules.max_creams,
      add_ins: rules.max_addins, ice_creams: rules.max_ice_creams,
    },
    amounts: {
      sodas: rules.max_share, syrups: rules.max_pumps_per_syrup, juices: portions, creams: portions,
      add_ins: portions, ice_creams: portions,
    },
    minSodaPercent: rules.min_soda_percent,
    maxNameLength: rules.max_name_length,
  };
}

const SPOKEN: Record<Group, string> = {
  sodas: 'sodas', syrups: 'syrups', juices: 'juices', creams: 'creams', add_ins: 'add-ins', ice_creams: 'ice creams',
};

/** "Out of peach syrup." */
export function soldOutText(ingredient: Pick<Ingredient, 'name' | 'unavailable_reason'>): string {
  return ingredient.unavailable_reason ?? `${ingredient.name} is sold out.`;
}

/** Why this recipe can't be made now, one sentence each with the way out; empty when it can. */
export function problemsOf(recipe: Recipe, size: Size, menu: Menu, catalogue: Catalogue): string[] {
  const limits = limitsOf(menu.rules);
  const problems: string[] = [];
  if (!size.available) problems.push(size.unavailable_reason ?? `${size.name} can’t be had right now.`);
  if (recipe.sodas.length === 0) problems.push('Choose at least one soda. Everything else is up to you.');
  for (const group of Object.keys(SPOKEN) as Group[]) {
    const over = recipe[group].length - limits.groups[group];
    if (over > 0) problems.push(`At most ${limits.groups[group]} ${SPOKEN[group]} in one drink: take out ${over}.`);
  }
  for (const part of partsOf(recipe)) {
    const ingredient = catalogue[part.id];
    if (!ingredient) problems.push('One ingredient is not on the menu any more: choose another one.');
    else if (!ingredient.available) problems.push(`${soldOutText(ingredient)} Take it out or choose another.`);
  }
  return problems.length > 0 ? problems : fitProblems(recipe, size, menu, catalogue);
}

function fitProblems(recipe: Recipe, size: Size, menu: Menu, catalogue: Catalogue): string[] {
  const needed = Math.ceil((size.volume_ml * limitsOf(menu.rules).minSodaPercent) / 100);
  const missing = needed - sodaRoomMl(recipe, size, menu, catalogue);
  if (missing <= 0) return [];
  return [`This is ${missing} ml too much for ${size.name}: take something out, less ice, or a larger cup.`];
}
