import type { Drink, Ingredient, IngredientKind, Menu, Recipe } from '@/api/types';

/** A small menu for tests, with figures that are easy to add up by hand. */

const PORTION: Record<IngredientKind, { name: string; amount: number; unit: string; room_ml: number }> = {
  soda: { name: 'share', amount: 1, unit: 'ml', room_ml: 1 },
  syrup: { name: 'pump', amount: 8, unit: 'ml', room_ml: 8 },
  juice: { name: 'splash', amount: 60, unit: 'ml', room_ml: 60 },
  cream: { name: 'splash', amount: 30, unit: 'ml', room_ml: 30 },
  add_in: { name: 'piece', amount: 1, unit: 'piece', room_ml: 5 },
  ice_cream: { name: 'scoop', amount: 60, unit: 'g', room_ml: 90 },
};

export function ingredient(kind: IngredientKind, slug: string, more: Partial<Ingredient> = {}): Ingredient {
  return {
    id: slug, slug, name: slug.replace(/-/g, ' '), kind, flavour_family: null, color: '#808080', opacity: 1, diet: false,
    price_cents: 0, portion: PORTION[kind], allergens: [], may_contain: [],
    nutrition: { per_portion: { kcal: 0, sugar_g: 0, caffeine_mg: 0 } },
    available: true, unavailable_reason: null, back_about: null, pairs_with: [], ...more,
  };
}

export function recipe(more: Partial<Recipe> = {}): Recipe {
  return { sodas: [], syrups: [], juices: [], creams: [], add_ins: [], ice_creams: [], ice: 'regular', ...more };
}

const facts = (kcal: number, sugar_g: number, caffeine_mg: number) => ({ per_portion: { kcal, sugar_g, caffeine_mg } });

export const INGREDIENTS: Ingredient[] = [
  ingredient('soda', 'cola', { name: 'Cola', color: '#5a2a18', nutrition: facts(42, 10.6, 9.6) }),
  ingredient('soda', 'lemon-soda', { name: 'Lemon soda', color: '#f7df6b', nutrition: facts(40, 9.8, 0) }),
  ingredient('soda', 'root-beer', { available: false, unavailable_reason: 'Out of root beer, back about 10:30.' }),
  ingredient('soda', 'water', { name: 'Sparkling water', color: '#e3f2f5', opacity: 0.5 }),
  ingredient('syrup', 'peach', { name: 'Peach', color: '#f0944a', price_cents: 40, nutrition: facts(24.5, 6, 0) }),
  ingredient('syrup', 'blackberry', { color: '#5b2a6e', price_cents: 40 }),
  ingredient('syrup', 'hazelnut', { price_cents: 40, allergens: ['tree_nuts'], flavour_family: 'nutty' }),
  ingredient('juice', 'lime-juice', { price_cents: 60 }),
  ingredient('cream', 'vanilla-cream', {
    color: '#f8e3b8', price_cents: 60, allergens: ['milk'], may_contain: ['soy', 'tree_nuts'], nutrition: facts(60, 3, 0),
  }),
  ingredient('add_in', 'lime-wheel', { price_cents: 50 }),
  ingredient('add_in', 'strawberry-boba', { color: '#e8485f', price_cents: 50 }),
  ingredient('ice_cream', 'vanilla-ice-cream', { color: '#fbeecb', price_cents: 120, allergens: ['milk', 'egg'] }),
];

export const SUNSET: Recipe = recipe({
  sodas: [{ ingredient_id: 'cola', share: 1 }],
  syrups: [{ ingredient_id: 'peach', pumps: 2 }],
  creams: [{ ingredient_id: 'vanilla-cream', portions: 1 }],
});

export function drink(slug: string, more: Partial<Drink> = {}): Drink {
  return {
    id: `d-${slug}`, slug, name: slug, description: '', categories: [], tile: 'peach', season: null, default_size: 's24',
    recipe: SUNSET, price_cents: 465, allergens: [], may_contain: [], available: true,
    unavailable_reason: null, popularity: 1, ...more,
  };
}

export const MENU: Menu = {
  store_id: 'logan', currency: 'USD', tax_rate_bps: 700, generated_at: '2026-10-01T14:00:00Z',
  categories: [{ code: 'autumn', name: 'Autumn' }, { code: 'floats', name: 'Floats' }],
  sizes: [
    { code: 's16', name: '16 oz', oz: 16, volume_ml: 473, price_cents: 275, available: true, unavailable_reason: null },
    { code: 's24', name: '24 oz', oz: 24, volume_ml: 710, price_cents: 325, available: true, unavailable_reason: null },
  ],
  ice_levels: [
    { code: 'none', name: 'No ice', share: 0 }, { code: 'light', name: 'Light', share: 0.15 },
    { code: 'regular', name: 'Regular', share: 0.3 }, { code: 'extra', name: 'Extra', share: 0.45 },
  ],
  rules: {
    max_drinks: 12, max_per_line: 12, max_pumps_per_syrup: 6, max_syrups: 2, max_addins: 4, max_sodas: 3, max_creams: 2,
    max_juices: 3, max_ice_creams: 2, max_portions: 3, max_share: 10, min_soda_percent: 25, max_name_length: 30,
  },
  drinks: [
    drink('sunset', { name: 'Canyon Sunset', categories: ['autumn'], popularity: 5 }),
    drink('plain', { available: false, popularity: 9 }),
    drink('haze', { popularity: 7 }),
  ],
  ingredients: INGREDIENTS,
};
