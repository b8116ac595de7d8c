import { addLine, clearCart, drinkCount, isCarts, openCart, replaceLine, requestOf, setQuantity, withAdded, type CartLine } from './cart';
import { SUNSET } from './menu.fixture';
import { storage } from './storage';

const line = { drink_id: 'd', name: null, size: 's24', quantity: 2, recipe: SUNSET };
const store = { id: '1', slug: 'logan', name: 'Logan', timezone: 'America/Denver', currency: 'USD' };
const other = { ...store, id: '2', slug: 'hyrum', name: 'Hyrum' };

interface Kept {
  key: string;
  store: typeof store;
  lines: CartLine[];
}

function kept(): Record<string, Kept> {
  return JSON.parse(storage.get('carts') ?? '{}') as Record<string, Kept>;
}

function linesAt(slug: string): CartLine[] {
  return kept()[slug]?.lines ?? [];
}

describe('adding', () => {
  it('adds up equal drinks, up to the limit of one line', () => {
    const once = withAdded([], line, 'a', 12);
    expect(withAdded(once, line, 'b', 12)).toEqual([{ ...line, id: 'a', quantity: 4 }]);
    expect(withAdded(once, { ...line, quantity: 11 }, 'b', 12)).toEqual([{ ...line, id: 'a', quantity: 12 }]);
  });

  it('keeps drinks apart that differ in size, name or recipe', () => {
    const once = withAdded([], line, 'a', 12);
    expect(withAdded(once, { ...line, size: 's16' }, 'b', 12)).toHaveLength(2);
    expect(withAdded(once, { ...line, name: 'Mine' }, 'b', 12)).toHaveLength(2);
    expect(withAdded(once, { ...line, recipe: { ...SUNSET, ice: 'none' } }, 'b', 12)).toHaveLength(2);
  });
});

describe('the kept cart', () => {
  beforeEach(() => {
    clearCart('logan');
    clearCart('hyrum');
  });

  it('is one for each store', () => {
    addLine(store, line, 12);
    addLine(other, { ...line, quantity: 1 }, 12);
    expect(drinkCount(linesAt('logan'))).toBe(2);
    expect(drinkCount(linesAt('hyrum'))).toBe(1);
    openCart(store);
    expect(drinkCount(linesAt('logan'))).toBe(2);
  });

  it('changes, counts and removes lines', () => {
    addLine(store, line, 12);
    const id = linesAt('logan')[0]?.id ?? '';
    setQuantity('logan', id, 5);
    expect(linesAt('logan')[0]?.quantity).toBe(5);
    replaceLine('logan', id, { ...line, size: 's16' });
    expect(linesAt('logan')).toEqual([{ ...line, size: 's16', id }]);
    setQuantity('logan', id, 0);
    expect(linesAt('logan')).toEqual([]);
  });

  it('is another cart, with another key, as soon as a line changes and once it was ordered', () => {
    addLine(store, line, 12);
    const names = [kept().logan?.key];
    openCart(store);
    expect(kept().logan?.key).toBe(names[0]);
    setQuantity('logan', linesAt('logan')[0]?.id ?? '', 3);
    names.push(kept().logan?.key);
    clearCart('logan');
    names.push(kept().logan?.key);
    expect(new Set(names).size).toBe(3);
  });

  it('is what another tab made of it', () => {
    addLine(store, line, 12);
    const theirs = { ...kept(), logan: { key: 'ordered', store, lines: [] } };
    window.localStorage.setItem('codepop.carts', JSON.stringify(theirs));
    window.dispatchEvent(new StorageEvent('storage', { key: 'codepop.carts' }));
    addLine(other, line, 12);
    expect(kept().logan).toEqual(theirs.logan);
    expect(drinkCount(linesAt('hyrum'))).toBe(2);
  });

  it('does not write down again what another tab wrote, which by then may have written something newer', () => {
    window.localStorage.setItem('codepop.carts', JSON.stringify({ logan: { key: 'theirs', store, lines: [] } }));
    const write = jest.spyOn(Storage.prototype, 'setItem');
    window.dispatchEvent(new StorageEvent('storage', { key: 'codepop.carts' }));
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
    addLine(other, line, 12);
    expect(kept()).toMatchObject({ logan: { key: 'theirs' }, hyrum: { lines: [line] } });
  });

  it('leaves a store alone that has no cart', () => {
    setQuantity('nowhere', 'x', 3);
    expect(kept()).not.toHaveProperty('nowhere');
  });
});

it('sends lines without the id that only the device knows', () => {
  expect(requestOf({ ...line, id: 'a' })).toEqual(line);
});

it('does not trust what was kept in another form', () => {
  expect(isCarts({ logan: { key: 'k', store, lines: [] } })).toBe(true);
  expect(isCarts({ logan: { store, lines: [] } })).toBe(false);
  expect(isCarts({ logan: { key: 'k', store } })).toBe(false);
  expect(isCarts([1])).toBe(false);
});
