import type { Tastes } from '@/api/types';
import { MENU } from '@/lib/menu.fixture';

import { opinionOn, sameTastes, shown, toggled, withOpinion } from './model';

const NONE: Tastes = { liked: [], disliked: [], sweetness: null, ice: null, adventure: null };

test('an opinion is one of three, and the same press takes it back', () => {
  const liked = withOpinion(NONE, 'cola', 'liked');
  expect(opinionOn(liked, 'cola')).toBe('liked');
  const not = withOpinion(liked, 'cola', 'disliked');
  expect([not.liked, not.disliked]).toEqual([[], ['cola']]);
  expect(opinionOn(withOpinion(not, 'cola', 'disliked'), 'cola')).toBe('none');
});

test('what one has an opinion on stands first', () => {
  const sodas = MENU.ingredients.filter((one) => one.kind === 'soda').map((one) => one.id);
  const last = shown(MENU.ingredients, 'soda', NONE).at(-1)!.id;
  const tastes = withOpinion(NONE, last, 'liked');
  const ids = shown(MENU.ingredients, 'soda', tastes).map((one) => one.id);
  expect(ids[0]).toBe(last);
  expect([...ids].sort()).toEqual([...sodas].sort());
});

test('order does not make tastes different', () => {
  expect(sameTastes({ ...NONE, liked: ['a', 'b'] }, { ...NONE, liked: ['b', 'a'] })).toBe(true);
  expect(sameTastes(NONE, { ...NONE, sweetness: 'less' })).toBe(false);
  expect(toggled(toggled(['milk'], 'egg'), 'milk')).toEqual(['egg']);
});
