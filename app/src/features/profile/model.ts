import type { Adventure, Diet, Ingredient, IngredientKind, Sweetness, Tastes } from '@/api/types';

export type Opinion = 'liked' | 'disliked' | 'none';

/** "No opinion" is a choice of its own, as one must be able to go back to it. */
export const SWEETNESS: readonly { value: Sweetness | 'any'; title: string }[] = [
  { value: 'any', title: 'Any' }, { value: 'less', title: 'Less' }, { value: 'regular', title: 'Regular' }, { value: 'more', title: 'More' },
];

export const ADVENTURE: readonly { value: Adventure | 'any'; title: string }[] = [
  { value: 'any', title: 'Any' }, { value: 'usual', title: 'The usual' }, { value: 'some', title: 'Some new' }, { value: 'surprise', title: 'Surprise' },
];

export const DIETS: readonly { value: Diet; title: string }[] = [
  { value: 'vegan', title: 'Vegan' }, { value: 'vegetarian', title: 'Vegetarian' }, { value: 'gluten_free', title: 'Gluten-free' },
  { value: 'dairy_free', title: 'Dairy-free' }, { value: 'low_sugar', title: 'Low sugar' }, { value: 'caffeine_free', title: 'Caffeine-free' },
];

/** The allergens that ingredients are marked with, in the order of the law's list. */
export const ALLERGENS = [
  'milk', 'egg', 'soy', 'wheat', 'gluten', 'peanut', 'tree_nuts', 'coconut', 'sesame', 'fish', 'shellfish', 'sulphites',
] as const;

export const KINDS: readonly { value: IngredientKind; title: string }[] = [
  { value: 'soda', title: 'Sodas' }, { value: 'syrup', title: 'Syrups' }, { value: 'juice', title: 'Juices' },
  { value: 'cream', title: 'Creams' }, { value: 'add_in', title: 'Add-ins' }, { value: 'ice_cream', title: 'Ice cream' },
];

/** A press on "like" or "not for me": another press takes it back, and nothing is both. */
export function withOpinion(tastes: Tastes, id: string, opinion: Exclude<Opinion, 'none'>): Tastes {
  const had = tastes[opinion].includes(id);
  const without = { ...tastes, liked: tastes.liked.filter((one) => one !== id), disliked: tastes.disliked.filter((one) => one !== id) };
  return had ? without : { ...without, [opinion]: [...without[opinion], id] };
}

export function opinionOn(tastes: Tastes, id: string): Opinion {
  if (tastes.liked.includes(id)) return 'liked';
  return tastes.disliked.includes(id) ? 'disliked' : 'none';
}

/** The ingredients of a kind, those with an opinion first, else by name. */
export function shown(ingredients: readonly Ingredient[], kind: IngredientKind, tastes: Tastes): Ingredient[] {
  const rank = ({ id }: Ingredient) => ({ liked: 0, disliked: 1, none: 2 })[opinionOn(tastes, id)];
  return ingredients
    .filter((one) => one.kind === kind)
    .sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

/** With it, or without it when it is there. */
export function toggled<Value extends string>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
}

/** Whether both say the same, in whatever order. */
export function sameTastes(one: Tastes, other: Tastes): boolean {
  const text = ({ liked, disliked, sweetness, ice, adventure }: Tastes) =>
    JSON.stringify([[...liked].sort(), [...disliked].sort(), sweetness, ice, adventure]);
  return text(one) === text(other);
}
