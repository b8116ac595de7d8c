import type { Order } from '@/api/types';

import { fillOf, headlineOf, isFollowed, timelineOf } from './model';

const NOW = Date.parse('2026-11-23T15:40:00Z');

function order(more: Partial<Order> = {}): Order {
  return {
    id: '1', code: 'A-1042', status: 'preparing', status_text: 'Pouring peach.', placed_at: '2026-11-23T15:31:00Z',
    store: { id: 's', slug: 'logan', name: 'Logan', address: '1 Main', timezone: 'America/Denver', lat: 41.7, lon: -111.8 },
    currency: 'usd', subtotal_cents: 435, tax_cents: 30, total_cents: 465, lines: [], pickup: { mode: 'now', at: null },
    ready_at: '2026-11-23T15:43:00Z', expires_at: null, can_cancel: false, can_choose_pickup: false, can_pay: false,
    payment: { status: 'succeeded', message: null, attempts: 1 }, payment_wait: null, refund: null, refunds: [], refunded_cents: 0,
    remake_of: null, remakes: [], door: null, pickup_code: null,
    progress: { drink_index: 0, drinks: 1, step_text: 'Pouring peach', share: 0.4 },
    timeline: [
      { status: 'paid', at: '2026-11-23T15:31:00Z', text: 'Paid' },
      { status: 'preparing', at: '2026-11-23T15:37:00Z', text: 'Being made' },
    ],
    version: 3, ...more,
  };
}

test('the headline says what happens, then when it is ready', () => {
  expect(headlineOf(order(), NOW)).toEqual({ now: 'Pouring peach.', next: 'Ready in 3\u00A0min.' });
  expect(headlineOf(order({ ready_at: '2026-11-23T15:39:00Z' }), NOW).next).toBe('Ready any moment.');
  expect(headlineOf(order({ ready_at: null }), NOW).next).toBe('');
});

test('neither a drink’s name nor an amount is taken for two sentences', () => {
  expect(headlineOf(order({ status_text: 'Pouring Dr. Spice.' }), NOW)).toEqual({
    now: 'Pouring Dr. Spice.', next: 'Ready in 3\u00A0min.',
  });
  const back = order({ status: 'cancelled', status_text: 'Cancelled. $4.65 went back to your card.' });
  expect(headlineOf(back, NOW)).toEqual({ now: 'Cancelled.', next: '$4.65 went back to your card.' });
});

test('a code is never torn apart', () => {
  const ready = order({
    status: 'ready', status_text: 'Behind door 7. Your code is K4P 9TX.',
    pickup_code: { text: 'K4P 9TX', qr_svg_url: null, qr_text: 'CP1' },
  });
  expect(headlineOf(ready, NOW)).toEqual({ now: 'Behind door 7.', next: 'Your code is K4P\u00A09TX.' });
});

test('the glass fills only with what the robot has poured', () => {
  expect([order({ status: 'queued' }), order(), order({ status: 'ready' })].map(fillOf)).toEqual([0, 0.4, 1]);
});

test('the timeline ends in what comes, or in what went wrong', () => {
  expect(timelineOf(order({ door: { number: 7 } })).map((step) => [step.text, step.time ?? null, step.state])).toEqual([
    ['Paid', '8:31', 'done'], ['Being made', '8:37', 'now'], ['Behind door 7', null, 'next'],
  ]);
  const failed = order({ status: 'failed', timeline: [{ status: 'failed', at: '2026-11-23T15:41:00Z', text: 'Could not be made' }] });
  expect(timelineOf(failed).map((step) => step.state)).toEqual(['bad']);
});

test('an ended order is followed only while its refund is on the way', () => {
  expect(isFollowed(order({ status: 'cancelled' }))).toBe(false);
  const unheard = { status: 'requires_method', message: null, attempts: 0 } as const;
  expect(isFollowed(order({ status: 'cancelled', payment: unheard }))).toBe(true);
  expect(isFollowed(order({ status: 'cancelled', payment: { ...unheard, status: 'none' } }))).toBe(false);
  expect(isFollowed(order({ status: 'cancelled', refunds: [{ status: 'pending', amount_cents: 465, reason: '' }] }))).toBe(true);
});
