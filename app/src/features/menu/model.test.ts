import { INGREDIENTS, MENU } from '@/lib/menu.fixture';

import { allergenBadge, drinksOn, POPULAR, shelves, shortages } from './model';

it('shows shelves that hold something', () => {
  expect(shelves(MENU).map((shelf) => shelf.title)).toEqual(['Popular', 'Autumn']);
});

it('puts first what can be had, then what is liked', () => {
  expect(drinksOn(MENU, POPULAR).map((drink) => drink.slug)).toEqual(['haze', 'sunset', 'plain']);
  expect(drinksOn(MENU, 'autumn').map((drink) => drink.slug)).toEqual(['sunset']);
});

it('tells allergens in few words and in full', () => {
  expect(allergenBadge([])).toEqual({ title: 'none', label: 'Allergens: none' });
  expect(allergenBadge(['tree_nuts', 'milk'])).toEqual({ title: 'tree nuts +1', label: 'Allergens: tree nuts and milk' });
});

it('says what the store is out of', () => {
  expect(shortages(INGREDIENTS)).toBe('Out of root beer right now.');
  expect(shortages([])).toBeNull();
});
