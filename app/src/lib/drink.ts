import type { Ingredient, IngredientKind, Menu, Nutrition, Recipe, Size } from '@/api/types';

/**
 * What follows from a recipe: price, nutrition, allergens, and whether it can be made. The server decides with the same
 * arithmetic when it quotes; this copy answers while one builds, without waiting for it.
 */

export type Group = 'sodas' | 'syrups' | 'juices' | 'creams' | 'add_ins' | 'ice_creams';

export interface Part {
  group: Group;
  /** Place in its group, as the server counts. */
  index: number;
  id: string;
  /** Shares of sodas, pumps of syrups, portions of all else. */
  amount: number;
}

export const GROUP_OF: Record<IngredientKind, Group> = {
  soda: 'sodas', syrup: 'syrups', juice: 'juices', cream: 'creams', add_in: 'add_ins', ice_cream: 'ice_creams',
};

export const EMPTY_RECIPE: Recipe = {
  sodas: [], syrups: [], juices: [], creams: [], add_ins: [], ice_creams: [], ice: 'regular',
};

export type Catalogue = Readonly<Record<string, Ingredient | undefined>>;

export function catalogueOf(menu: Menu): Catalogue {
  return Object.fromEntries(menu.ingredients.map((ingredient) => [ingredient.id, ingredient]));
}

/** Everything in the drink, in the order in which the robot knows it. */
export function partsOf(recipe: Recipe): Part[] {
  const portions = (group: 'juices' | 'creams' | 'add_ins' | 'ice_creams'): Part[] =>
    recipe[group].map((part, index) => ({ group, index, id: part.ingredient_id, amount: part.portions }));
  return [
    ...recipe.sodas.map((part, index) => ({ group: 'sodas' as const, index, id: part.ingredient_id, amount: part.share })),
    ...recipe.syrups.map((part, index) => ({ group: 'syrups' as const, index, id: part.ingredient_id, amount: part.pumps })),
    ...portions('juices'), ...portions('creams'), ...portions('add_ins'), ...portions('ice_creams'),
  ];
}

/** Before tax: the size, and each portion. Sodas come with the size. */
export function unitPriceCents(recipe: Recipe, size: Size, catalogue: Catalogue): number {
  return partsOf(recipe).reduce(
    (sum, part) => (part.group === 'sodas' ? sum : sum + (catalogue[part.id]?.price_cents ?? 0) * part.amount),
    size.price_cents,
  );
}

/** What ice and everything but soda leave of the cup; below zero when they do not fit. */
export function sodaRoomMl(recipe: Recipe, size: Size, menu: Menu, catalogue: Catalogue): number {
  const ice = menu.ice_levels.find((level) => level.code === recipe.ice)?.share ?? 0;
  const taken = partsOf(recipe).reduce((sum, part) => {
    const ingredient = catalogue[part.id];
    return part.group === 'sodas' || !ingredient ? sum : sum + ingredient.portion.room_ml * part.amount;
  }, 0);
  return size.volume_ml - Math.floor((size.volume_ml * Math.round(ice * 100)) / 100) - taken;
}

/** Splits whole `total` in proportion; the parts add up to it (largest remainder, first on a tie). */
export function splitByShare(total: number, shares: readonly number[]): number[] {
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const parts = shares.map((share) => Math.floor((total * share) / whole));
  const left = total - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: (total * share) % whole }))
    .sort((one, other) => other.remainder - one.remainder || one.index - other.index);
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}

/** Energy, sugar and caffeine of one drink, in whole units. Added up in thousandths so that the order does not matter. */
export function nutritionOf(recipe: Recipe, size: Size, menu: Menu, catalogue: Catalogue): Nutrition {
  const room = Math.max(0, sodaRoomMl(recipe, size, menu, catalogue));
  const sodas = splitByShare(room, recipe.sodas.map((soda) => soda.share));
  const sum = { kcal: 0, sugar_g: 0, caffeine_mg: 0 };
  for (const part of partsOf(recipe)) {
    const each = catalogue[part.id]?.nutrition.per_portion;
    if (!each) continue;
    const times = part.group === 'sodas' ? (sodas[part.index] ?? 0) / 100 : part.amount;
    for (const fact of ['kcal', 'sugar_g', 'caffeine_mg'] as const) {
      sum[fact] += Math.floor(Math.round(each[fact] * 1000) * times + 1e-6);
    }
  }
  const whole = (thousandths: number) => Math.floor((thousandths + 500) / 1000);
  return { kcal: whole(sum.kcal), sugar_g: whole(sum.sugar_g), caffeine_mg: whole(sum.caffeine_mg) };
}

export interface Allergens {
  contains: string[];
  mayContain: string[];
}

/** What is surely in it, and what may be besides; nothing is said twice. */
export function allergensOf(recipe: Recipe, catalogue: Catalogue): Allergens {
  const ingredients = partsOf(recipe).flatMap((part) => catalogue[part.id] ?? []);
  const contains = new Set(ingredients.flatMap((ingredient) => ingredient.allergens));
  const may = new Set(ingredients.flatMap((ingredient) => ingredient.may_contain).filter((name) => !contains.has(name)));
  return { contains: [...contains].sort(), mayContain: [...may].sort() };
}

/** "tree_nuts" as people say it. */
export function allergenName(code: string): string {
  return code.replace(/_/g, ' ');
}
