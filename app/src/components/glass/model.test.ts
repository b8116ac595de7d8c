import { catalogueOf } from '@/lib/drink';
import { MENU, recipe, SUNSET } from '@/lib/menu.fixture';

import { describeGlass, glassFor } from './model';

const catalogue = catalogueOf(MENU);

it('stands sodas at the bottom, syrups above, creams on top with a cap', () => {
  const glass = glassFor(SUNSET, catalogue);
  expect(glass.layers.map((layer) => layer.key)).toEqual(['cola', 'peach', 'vanilla-cream']);
  expect(glass.layers[0]).toMatchObject({ color: '#5a2a18', opacity: 1 });
  expect(glass.cream).toMatch(/^#[0-9a-f]{6}$/);
  expect(glass).toMatchObject({ ice: 'regular', bubbles: 1, garnish: null, scoops: [], pearls: null });
});

it('shares the soda by the recipe and grows with what is added', () => {
  const sodas = [{ ingredient_id: 'cola', share: 3 }, { ingredient_id: 'lemon-soda', share: 1 }];
  const [cola, lemon] = glassFor(recipe({ sodas }), catalogue).layers;
  expect(cola!.share / lemon!.share).toBeCloseTo(3);
  const pumps = (count: number) =>
    glassFor({ ...SUNSET, syrups: [{ ingredient_id: 'peach', pumps: count }] }, catalogue).layers[1]!.share;
  expect(pumps(3)).toBeGreaterThan(pumps(1));
});

it('lets darker syrups settle below lighter ones', () => {
  const syrups = [{ ingredient_id: 'peach', pumps: 1 }, { ingredient_id: 'blackberry', pumps: 1 }];
  const keys = glassFor({ ...SUNSET, syrups }, catalogue).layers.map((layer) => layer.key);
  expect(keys).toEqual(['cola', 'blackberry', 'peach', 'vanilla-cream']);
});

it('draws what one sees of add-ins and ice cream', () => {
  const parts = (id: string) => [{ ingredient_id: id, portions: 1 }];
  expect(glassFor({ ...SUNSET, add_ins: parts('lime-wheel') }, catalogue).garnish).toMatchObject({ kind: 'lime' });
  const boba = glassFor({ ...SUNSET, add_ins: parts('strawberry-boba') }, catalogue);
  expect(boba).toMatchObject({ garnish: null, pearls: '#e8485f' });
  expect(glassFor({ ...SUNSET, ice_creams: parts('vanilla-ice-cream') }, catalogue).scoops).toEqual(['#fbeecb']);
});

it('has no bubbles in still drinks and no layers in an empty glass', () => {
  expect(glassFor(recipe(), catalogue)).toMatchObject({ layers: [], bubbles: 0, cream: null });
});

it('leaves out what is not on the menu any more', () => {
  const made = { ...SUNSET, syrups: [{ ingredient_id: 'gone', pumps: 2 }] };
  expect(glassFor(made, catalogue).layers.map((layer) => layer.key)).toEqual(['cola', 'vanilla-cream']);
});

it('puts the picture into words', () => {
  expect(describeGlass('Canyon Sunset', SUNSET, catalogue)).toBe(
    'Canyon Sunset: Cola, Peach, vanilla cream, regular ice',
  );
});
