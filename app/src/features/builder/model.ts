import type { IceLevel, Ingredient, IngredientKind, LineRequest, Menu, Recipe } from '@/api/types';
import { GROUP_OF, partsOf, type Catalogue, type Group } from '@/lib/drink';
import { limitsOf } from '@/lib/drink-rules';

/** What one builds, before it is a line of the cart. */
export interface Draft {
  drinkId: string | null;
  size: string;
  recipe: Recipe;
  name: string;
  quantity: number;
}

export const CUSTOM = 'custom';

/** Starts from a line of the cart, a drink of the menu, or an empty glass; null for a drink that isn't on the menu. */
export function draftFor(menu: Menu, drink: string, line: LineRequest | undefined): Draft | null {
  if (line) {
    const { drink_id: drinkId, size, recipe, name, quantity } = line;
    return { drinkId, size, recipe, name: name ?? '', quantity };
  }
  if (drink === CUSTOM) return emptyDraft(menu);
  const preset = menu.drinks.find((one) => one.slug === drink);
  if (!preset) return null;
  return { drinkId: preset.id, size: preset.default_size, recipe: preset.recipe, name: '', quantity: 1 };
}

/** An own drink begins with the first soda that can be had, in the size most drinks come in. */
function emptyDraft(menu: Menu): Draft {
  const soda = menu.ingredients.find((one) => one.kind === 'soda' && one.available);
  const sodas = soda ? [{ ingredient_id: soda.id, share: 1 }] : [];
  const size = menu.sizes[Math.min(1, menu.sizes.length - 1)]?.code ?? '';
  const recipe: Recipe = { sodas, syrups: [], juices: [], creams: [], add_ins: [], ice_creams: [], ice: 'regular' };
  return { drinkId: null, size, recipe, name: '', quantity: 1 };
}

export function lineOf(draft: Draft): LineRequest {
  const { drinkId, size, recipe, quantity } = draft;
  return { drink_id: drinkId, name: draft.name.trim() || null, size, quantity, recipe };
}

export function amountOf(recipe: Recipe, id: string): number {
  return partsOf(recipe).find((part) => part.id === id)?.amount ?? 0;
}

function changed<Item extends { ingredient_id: string }>(items: Item[], item: Item, amount: number): Item[] {
  if (amount < 1) return items.filter((other) => other.ingredient_id !== item.ingredient_id);
  if (!items.some((other) => other.ingredient_id === item.ingredient_id)) return [...items, item];
  return items.map((other) => (other.ingredient_id === item.ingredient_id ? item : other));
}

/** The recipe with so much of the ingredient; none takes it out. What was chosen first stays first. */
export function withAmount(recipe: Recipe, ingredient: Ingredient, amount: number): Recipe {
  const id = ingredient.id;
  const group = GROUP_OF[ingredient.kind];
  if (group === 'sodas') return { ...recipe, sodas: changed(recipe.sodas, { ingredient_id: id, share: amount }, amount) };
  if (group === 'syrups') return { ...recipe, syrups: changed(recipe.syrups, { ingredient_id: id, pumps: amount }, amount) };
  return { ...recipe, [group]: changed(recipe[group], { ingredient_id: id, portions: amount }, amount) };
}

export function withIce(recipe: Recipe, ice: IceLevel): Recipe {
  return { ...recipe, ice };
}

/** How much of it may be in this drink: the rule's limit, or none while its group is full. */
export function maxOf(recipe: Recipe, ingredient: Ingredient, rules: Menu['rules']): number {
  const limits = limitsOf(rules);
  const group = GROUP_OF[ingredient.kind];
  const isIn = amountOf(recipe, ingredient.id) > 0;
  return isIn || recipe[group].length < limits.groups[group] ? limits.amounts[group] : 0;
}

export const KINDS: readonly { kind: IngredientKind; title: string; one: string }[] = [
  { kind: 'syrup', title: 'Syrups', one: 'syrup' },
  { kind: 'soda', title: 'Sodas', one: 'soda' },
  { kind: 'juice', title: 'Juices', one: 'juice' },
  { kind: 'cream', title: 'Creams', one: 'cream' },
  { kind: 'add_in', title: 'Add-ins', one: 'add-in' },
  { kind: 'ice_cream', title: 'Ice cream', one: 'ice cream' },
];

export function kindName(kind: IngredientKind): string {
  return KINDS.find((one) => one.kind === kind)?.one ?? kind;
}

/** Kinds that this menu has. */
export function kindsOn(menu: Menu): typeof KINDS {
  return KINDS.filter(({ kind }) => menu.ingredients.some((ingredient) => ingredient.kind === kind));
}

/** Ingredients of a kind, or of every kind when words are given: each word must begin one in name, family or kind. */
export function found(menu: Menu, kind: IngredientKind, words: string): Ingredient[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return menu.ingredients.filter((ingredient) => ingredient.kind === kind);
  return menu.ingredients.filter((ingredient) => {
    const known = `${ingredient.name} ${ingredient.flavour_family ?? ''} ${kindName(ingredient.kind)} ${ingredient.diet ? 'diet zero' : ''}`;
    const parts = known.toLowerCase().split(/[\s-]+/);
    return wanted.every((word) => parts.some((part) => part.startsWith(word)));
  });
}

export interface ChosenPart {
  ingredient: Ingredient;
  amount: number;
  group: Group;
  /** Of all sodas, when there are several. */
  percent: number | null;
}

/** What is in the glass, for the list beside it. */
export function chosenParts(recipe: Recipe, catalogue: Catalogue): ChosenPart[] {
  const shares = recipe.sodas.reduce((sum, soda) => sum + soda.share, 0);
  return partsOf(recipe).flatMap(({ id, amount, group }) => {
    const ingredient = catalogue[id];
    const percent = group === 'sodas' && recipe.sodas.length > 1 ? Math.round((100 * amount) / shares) : null;
    return ingredient ? [{ ingredient, amount, group, percent }] : [];
  });
}
