import { ApiError } from '@/lib/api/errors';
import { catalogueOf } from '@/lib/drink';
import { MENU, SUNSET } from '@/lib/menu.fixture';

import { contentText, refusalOf } from './model';

it('says in few words what is in a drink', () => {
  expect(contentText(SUNSET, catalogueOf(MENU))).toBe('Cola, 2 × peach, vanilla cream');
});

it('sorts refusals to the lines that they speak of', () => {
  const fields = { 'lines.0.recipe.syrups.1': 'Peach is sold out.', lines: 'At most 12 drinks in one order: take out 1.' };
  const error = new ApiError({ status: 409, code: 'quote_refused', message: 'No.', fields, body: null });
  expect(refusalOf(error)).toEqual({
    byLine: { 0: ['Peach is sold out.'] }, whole: 'At most 12 drinks in one order: take out 1.',
  });
});

it('keeps the server’s own words when it names no field', () => {
  const closed = { status: 409, code: 'store_closed', message: 'Hyrum opens at 7:00.', fields: { store_id: 'closed' }, body: null };
  expect(refusalOf(new ApiError(closed))).toEqual({ byLine: {}, whole: 'Hyrum opens at 7:00.' });
  expect(refusalOf(new Error('offline'))).toBeNull();
});
