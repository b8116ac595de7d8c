import { pickupDays } from './pickup-times';

const DENVER = 'America/Denver';
const everyDay = (opens: string, closes: string) =>
  [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, opens, closes }));

test('times begin when a drink can be ready and end with the opening hours', () => {
  const store = { hours: everyDay('07:00', '21:00'), timezone: DENVER, ready_in_seconds: 240 };
  const days = pickupDays(store, new Date('2026-11-23T15:31:00Z'));
  expect(days.map((entry) => entry.name)).toEqual(['Today', 'Tomorrow']);
  expect(days[0]?.times[0]).toBe('2026-11-23T15:45:00.000Z');
  expect(days[0]?.times.at(-1)).toBe('2026-11-24T03:45:00.000Z');
  expect(days[1]?.times[0]).toBe('2026-11-24T14:00:00.000Z');
});

test('the clock’s change in spring skips the hour that isn’t there', () => {
  const store = { hours: everyDay('01:00', '04:00'), timezone: DENVER, ready_in_seconds: 0 };
  const days = pickupDays(store, new Date('2026-03-08T06:00:00Z'));
  // 1:00 to 4:00 on that night are two hours: 8:00 to 10:00 UTC.
  expect(days.find((entry) => entry.times[0] === '2026-03-08T08:00:00.000Z')?.times).toHaveLength(8);
});

test('hours over midnight belong to both days', () => {
  const store = { hours: [{ weekday: 4, opens: '22:00', closes: '01:00' }], timezone: 'UTC', ready_in_seconds: 0 };
  const days = pickupDays(store, new Date('2026-11-27T21:00:00Z'));
  expect(days.map((entry) => [entry.name, entry.times.length])).toEqual([['Today', 8], ['Tomorrow', 4]]);
});
