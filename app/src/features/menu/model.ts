import type { Drink, Ingredient, Menu } from '@/api/types';
import type { Choice } from '@/components/ui';
import { allergenName } from '@/lib/drink';
import { list } from '@/lib/format';

/** The shelf that shows everything, best liked first. */
export const POPULAR = 'popular';

/** Shelves that hold something now, the whole menu first. */
export function shelves(menu: Menu): Choice<string>[] {
  const filled = menu.categories.filter(
    ({ code }) => code !== POPULAR && menu.drinks.some((drink) => drink.categories.includes(code)),
  );
  return [{ value: POPULAR, title: 'Popular' }, ...filled.map(({ code, name }) => ({ value: code, title: name }))];
}

/** What stands on a shelf: what can be had first, then by popularity. */
export function drinksOn(menu: Menu, shelf: string): Drink[] {
  const shown = menu.drinks.filter((drink) => shelf === POPULAR || drink.categories.includes(shelf));
  return shown.sort(
    (one, other) => Number(other.available) - Number(one.available) || other.popularity - one.popularity,
  );
}

/** "milk", "milk +1", or "none". */
export function allergenBadge(allergens: readonly string[]): { title: string; label: string } {
  const [first, ...more] = allergens.map(allergenName);
  if (first === undefined) return { title: 'none', label: 'Allergens: none' };
  return { title: more.length > 0 ? `${first} +${more.length}` : first, label: `Allergens: ${list([first, ...more])}` };
}

/** One line about all that is out, for the top of the menu. */
export function shortages(ingredients: readonly Ingredient[]): string | null {
  const out = ingredients.filter((ingredient) => !ingredient.available).map((ingredient) => ingredient.name.toLowerCase());
  if (out.length === 0) return null;
  return out.length <= 3 ? `Out of ${list(out)} right now.` : `Out of ${list(out.slice(0, 3))} and more right now.`;
}
