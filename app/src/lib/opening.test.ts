import { openingText, readyAt } from './opening';

const now = new Date('2026-11-23T15:30:00Z');
const store = {
  open: true, accepting_orders: true, reason: null, opens_at: null, closes_at: '2026-11-24T04:00:00Z',
  timezone: 'America/Denver', ready_in_seconds: 300,
};

it('tells times by the clock of the store', () => {
  expect(openingText(store, now)).toBe('Open until 9:00 PM');
  expect(readyAt(store, now)).toBe('8:35');
});

it('says when a closed store opens', () => {
  const closed = { ...store, open: false, opens_at: '2026-11-24T14:00:00Z', closes_at: null };
  expect(openingText(closed, now)).toBe('Closed, opens tomorrow, 7:00 AM');
  expect(readyAt(closed, now)).toBeNull();
});

it('gives the reason when an open store takes no orders', () => {
  const busy = { ...store, accepting_orders: false, reason: 'Both robots are being cleaned.' };
  expect(openingText(busy, now)).toBe('Both robots are being cleaned.');
  expect(readyAt(busy, now)).toBeNull();
});
