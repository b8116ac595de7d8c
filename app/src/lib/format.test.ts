import { clock, count, dayAndClock, dayAndClockInside, distance, list, money, timeLeft } from './format';

const DENVER = 'America/Denver';

test('money is written in the currency’s own digits', () => {
  expect(money(465, 'usd')).toBe('$4.65');
  expect(money(0, 'USD')).toBe('$0.00');
  expect(money(123456, 'USD')).toBe('$1,234.56');
  expect(money(500, 'JPY')).toBe('¥500');
});

test('times are those of the store’s clock', () => {
  expect(clock('2026-11-23T15:42:00Z', DENVER)).toBe('8:42');
  expect(clock('2026-11-23T07:05:00Z', DENVER, true)).toBe('12:05 AM');
});

test('another day is named, by the store’s calendar', () => {
  const now = new Date('2026-11-24T05:30:00Z');
  expect(dayAndClock('2026-11-24T06:45:00Z', DENVER, now)).toBe('11:45 PM');
  expect(dayAndClock('2026-11-24T15:00:00Z', DENVER, now)).toBe('Tomorrow, 8:00 AM');
  expect(dayAndClockInside('2026-11-24T15:00:00Z', DENVER, now)).toBe('tomorrow, 8:00 AM');
  expect(dayAndClock('2026-11-27T15:00:00Z', DENVER, now)).toBe('Fri, Nov 27, 8:00 AM');
});

test('time left is told in the smallest honest unit', () => {
  expect([-5, 0, 40_000, 90_000, 3_600_000, 3_900_000].map(timeLeft)).toEqual([
    'now', 'now', '40 s', '2 min', '1 h', '1 h 5 min',
  ]);
});

test('distances are in feet and miles', () => {
  expect([12, 106, 644, 19_312].map(distance)).toEqual(['50 ft', '350 ft', '0.4 mi', '12 mi']);
});

test('names are joined as people do', () => {
  expect([[], ['milk'], ['milk', 'soy'], ['milk', 'soy', 'wheat']].map(list)).toEqual([
    '', 'milk', 'milk and soy', 'milk, soy and wheat',
  ]);
  expect([count(1, 'drink'), count(2, 'drink')]).toEqual(['1 drink', '2 drinks']);
});
