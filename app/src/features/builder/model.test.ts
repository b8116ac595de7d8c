import { catalogueOf } from '@/lib/drink';
import { MENU, SUNSET } from '@/lib/menu.fixture';

import { chosenParts, CUSTOM, draftFor, found, kindsOn, lineOf, maxOf, withAmount } from './model';

const catalogue = catalogueOf(MENU);
const peach = catalogue.peach!;

describe('the start', () => {
  it('is the drink of the menu, as it stands there', () => {
    expect(draftFor(MENU, 'sunset', undefined)).toMatchObject({ drinkId: 'd-sunset', size: 's24', recipe: SUNSET });
  });

  it('of an own drink is a soda that can be had', () => {
    const draft = draftFor(MENU, CUSTOM, undefined);
    expect(draft).toMatchObject({ drinkId: null, quantity: 1 });
    expect(draft!.recipe.sodas).toEqual([{ ingredient_id: 'cola', share: 1 }]);
  });

  it('is the line of the cart when one edits it', () => {
    const line = { drink_id: null, name: 'Mine', size: 's16', quantity: 3, recipe: SUNSET };
    expect(lineOf(draftFor(MENU, 'sunset', line)!)).toEqual(line);
  });

  it('is none for a drink that left the menu', () => {
    expect(draftFor(MENU, 'gone', undefined)).toBeNull();
  });
});

describe('amounts', () => {
  it('add, change and take out', () => {
    const more = withAmount(SUNSET, catalogue.hazelnut!, 1);
    expect(more.syrups).toEqual([...SUNSET.syrups, { ingredient_id: 'hazelnut', pumps: 1 }]);
    expect(withAmount(more, peach, 3).syrups[0]).toEqual({ ingredient_id: 'peach', pumps: 3 });
    expect(withAmount(more, peach, 0).syrups).toEqual([{ ingredient_id: 'hazelnut', pumps: 1 }]);
    expect(withAmount(SUNSET, catalogue['lime-wheel']!, 2).add_ins).toEqual([{ ingredient_id: 'lime-wheel', portions: 2 }]);
  });

  it('stop at the rules: a full group takes no further ingredient', () => {
    const full = withAmount(SUNSET, catalogue.hazelnut!, 1);
    expect(maxOf(full, peach, MENU.rules)).toBe(6);
    expect(maxOf(full, catalogue.blackberry!, MENU.rules)).toBe(0);
    expect(maxOf(SUNSET, catalogue.blackberry!, MENU.rules)).toBe(6);
  });
});

it('searches name, family and kind by the beginnings of words', () => {
  expect(found(MENU, 'syrup', '').map((one) => one.slug)).toEqual(['peach', 'blackberry', 'hazelnut']);
  expect(found(MENU, 'syrup', 'van cre').map((one) => one.slug)).toEqual(['vanilla-cream', 'vanilla-ice-cream']);
  expect(found(MENU, 'syrup', 'NUT').map((one) => one.slug)).toEqual(['hazelnut']);
  expect(found(MENU, 'syrup', 'zzz')).toEqual([]);
});

it('shows kinds that the menu has', () => {
  expect(kindsOn({ ...MENU, ingredients: [peach] }).map((one) => one.kind)).toEqual(['syrup']);
});

it('tells shares only where sodas share the glass', () => {
  expect(chosenParts(SUNSET, catalogue)[0]!.percent).toBeNull();
  const two = withAmount(withAmount(SUNSET, catalogue['lemon-soda']!, 1), catalogue.cola!, 3);
  expect(chosenParts(two, catalogue).slice(0, 2).map((part) => part.percent)).toEqual([75, 25]);
});
