import type { LineRequest, Menu, Size } from '@/api/types';

import { unitPriceCents, type Catalogue } from './drink';

/** The size that a line names; the first of the menu when it has gone. */
export function sizeOf(code: string, menu: Menu): Size {
  const size = menu.sizes.find((one) => one.code === code) ?? menu.sizes[0];
  if (!size) throw new Error('This store’s menu has no sizes.');
  return size;
}

/** Sum of the lines before tax, as the menu has it now; the quote decides. */
export function linesCents(lines: readonly LineRequest[], menu: Menu, catalogue: Catalogue): number {
  return lines.reduce(
    (sum, line) => sum + unitPriceCents(line.recipe, sizeOf(line.size, menu), catalogue) * line.quantity,
    0,
  );
}

/** How the robot will call the drink: the customer's name for it, the menu's, or one made from its first soda. */
export function lineName(line: Pick<LineRequest, 'name' | 'drink_id' | 'recipe'>, menu: Menu, catalogue: Catalogue): string {
  const own = line.name?.trim();
  if (own) return own;
  const preset = menu.drinks.find((drink) => drink.id === line.drink_id);
  if (preset) return preset.name;
  const soda = catalogue[line.recipe.sodas[0]?.ingredient_id ?? ''];
  return soda ? `My ${soda.name.toLowerCase()}` : 'My drink';
}
