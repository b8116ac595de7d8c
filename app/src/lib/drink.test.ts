import { allergensOf, catalogueOf, nutritionOf, partsOf, sodaRoomMl, splitByShare, unitPriceCents } from './drink';
import { lineName, linesCents, sizeOf } from './drink-lines';
import { MENU, recipe, SUNSET } from './menu.fixture';

const catalogue = catalogueOf(MENU);
const size = sizeOf('s24', MENU);

describe('price', () => {
  it('is the size and each portion; sodas come with the size', () => {
    expect(unitPriceCents(SUNSET, size, catalogue)).toBe(325 + 2 * 40 + 60);
    const mixed = { ...SUNSET, sodas: [{ ingredient_id: 'cola', share: 3 }, { ingredient_id: 'lemon-soda', share: 1 }] };
    expect(unitPriceCents(mixed, size, catalogue)).toBe(465);
  });

  it('counts the quantity of each line', () => {
    const line = { drink_id: null, name: null, size: 's16', quantity: 3, recipe: SUNSET };
    expect(linesCents([line, { ...line, size: 's24', quantity: 1 }], MENU, catalogue)).toBe(3 * 415 + 465);
  });
});

describe('what fits', () => {
  it('leaves to the sodas what ice and all else do not take', () => {
    expect(sodaRoomMl(SUNSET, size, MENU, catalogue)).toBe(710 - 213 - 16 - 30);
  });

  it('splits whole millilitres so that they add up, the first on a tie', () => {
    expect(splitByShare(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(splitByShare(451, [3, 1])).toEqual([338, 113]);
    expect(splitByShare(0, [2, 5])).toEqual([0, 0]);
  });
});

describe('nutrition', () => {
  it('adds soda by volume and the rest by portion, and rounds once', () => {
    // 451 ml cola: 189.42 kcal, 47.806 g, 43.296 mg; peach 49 kcal, 12 g; cream 60 kcal, 3 g.
    expect(nutritionOf(SUNSET, size, MENU, catalogue)).toEqual({ kcal: 298, sugar_g: 63, caffeine_mg: 43 });
  });

  it('of an empty glass is none', () => {
    expect(nutritionOf(recipe(), size, MENU, catalogue)).toEqual({ kcal: 0, sugar_g: 0, caffeine_mg: 0 });
  });
});

describe('allergens', () => {
  it('says each once, and never that it may contain what it contains', () => {
    const nutty = { ...SUNSET, syrups: [{ ingredient_id: 'hazelnut', pumps: 1 }] };
    expect(allergensOf(nutty, catalogue)).toEqual({ contains: ['milk', 'tree_nuts'], mayContain: ['soy'] });
    expect(allergensOf(SUNSET, catalogue)).toEqual({ contains: ['milk'], mayContain: ['soy', 'tree_nuts'] });
  });
});

it('lists parts in the order of the recipe with their place in the group', () => {
  expect(partsOf(SUNSET)).toEqual([
    { group: 'sodas', index: 0, id: 'cola', amount: 1 },
    { group: 'syrups', index: 0, id: 'peach', amount: 2 },
    { group: 'creams', index: 0, id: 'vanilla-cream', amount: 1 },
  ]);
});

it('names a drink by its own name, the menu’s, or its first soda', () => {
  const line = { name: '  ', drink_id: 'd-sunset', recipe: SUNSET };
  expect(lineName({ ...line, name: ' Friday ' }, MENU, catalogue)).toBe('Friday');
  expect(lineName(line, MENU, catalogue)).toBe('Canyon Sunset');
  expect(lineName({ ...line, drink_id: null }, MENU, catalogue)).toBe('My cola');
  expect(lineName({ name: null, drink_id: null, recipe: recipe() }, MENU, catalogue)).toBe('My drink');
});
