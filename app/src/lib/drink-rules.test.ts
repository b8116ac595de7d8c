import { catalogueOf } from './drink';
import { sizeOf } from './drink-lines';
import { limitsOf, problemsOf } from './drink-rules';
import { MENU, recipe, SUNSET } from './menu.fixture';

const catalogue = catalogueOf(MENU);
const size = sizeOf('s16', MENU);
const problems = (made: Parameters<typeof problemsOf>[0]) => problemsOf(made, size, MENU, catalogue);

it('finds nothing wrong with a drink of the menu', () => {
  expect(problems(SUNSET)).toEqual([]);
});

it('wants a soda, and nothing else', () => {
  expect(problems(recipe())).toEqual(['Choose at least one soda. Everything else is up to you.']);
  expect(problems(recipe({ sodas: [{ ingredient_id: 'cola', share: 1 }] }))).toEqual([]);
});

it('says what is out and when it is back', () => {
  const made = recipe({ sodas: [{ ingredient_id: 'root-beer', share: 1 }] });
  expect(problems(made)).toEqual(['Out of root beer, back about 10:30. Take it out or choose another.']);
});

it('keeps the limits of the menu', () => {
  const syrups = ['peach', 'blackberry', 'hazelnut'].map((id) => ({ ingredient_id: id, pumps: 1 }));
  expect(problems({ ...SUNSET, syrups })).toEqual(['At most 2 syrups in one drink: take out 1.']);
});

it('says by how much a drink is too full', () => {
  const made = { ...SUNSET, ice: 'extra' as const, ice_creams: [{ ingredient_id: 'vanilla-ice-cream', portions: 2 }] };
  // 473 ml: 212 ice, 16 peach, 30 cream, 180 ice cream leave 35; a quarter of the cup is 119.
  expect(problems(made)).toEqual(['This is 84 ml too much for 16 oz: take something out, less ice, or a larger cup.']);
});

it('takes the limits of each kind from the menu', () => {
  expect(limitsOf({ ...MENU.rules, max_portions: 5, max_juices: 1 })).toMatchObject({
    groups: { juices: 1, syrups: 2 }, amounts: { add_ins: 5, syrups: 6, sodas: 10 },
  });
});

it('says when there is no cup of the size', () => {
  const gone = { ...size, available: false, unavailable_reason: 'Out of 16 oz cups.' };
  expect(problemsOf(SUNSET, gone, MENU, catalogue)).toEqual(['Out of 16 oz cups.']);
});
