import type { SavedCard } from '@/api/types';

import { cardExpiry, cardName, cardSpoken, firstUsable } from './cards';

const visa: SavedCard = {
  id: 'pm_1', brand: 'visa', last4: '4242', exp_month: 4, exp_year: 2030, wallet: null, is_default: false, expired: false,
};

test('a card is called as its holder knows it', () => {
  expect([cardName(visa), cardExpiry(visa)]).toEqual(['Visa •••• 4242', 'Expires 04/30']);
  expect(cardSpoken(visa)).toBe('Visa ending in 4 2 4 2');
  expect(cardName({ ...visa, brand: 'new', wallet: 'apple_pay' })).toBe('Card •••• 4242, Apple Pay');
  expect(cardExpiry({ ...visa, expired: true, exp_year: 2024 })).toBe('Expired 04/24');
});

test('an expired card is never offered first', () => {
  const old = { ...visa, id: 'pm_2', is_default: true, expired: true };
  expect(firstUsable([old, visa])?.id).toBe('pm_1');
  expect(firstUsable([old])).toBeNull();
  expect(firstUsable([visa, { ...old, expired: false }])?.id).toBe('pm_2');
});
