import type { Order } from '@/api/types';
import { ApiError, NoAnswerError } from '@/lib/api';

import {
  choiceOf, emailProblem, fieldMessages, isAway, isChosen, mayPass, newQuoteOf, troubleAfter, waitWords, type PaymentWait,
} from './model';

const refusal = (code: string, more: Partial<ApiError> = {}) =>
  new ApiError({ status: 409, code, message: 'No.', fields: {}, body: null, ...more });

test('the API is told a time only when one was chosen', () => {
  expect(choiceOf({ answer: 'now', at: '2026-11-23T16:00:00Z' })).toEqual({ mode: 'now', at: null });
  expect(choiceOf({ answer: 'at', at: '2026-11-23T16:00:00Z' })).toEqual({ mode: 'at', at: '2026-11-23T16:00:00Z' });
  expect(choiceOf({ answer: 'at', at: null })).toBeNull();
  expect(choiceOf({ answer: 'later', at: null })).toBeNull();
  expect([isChosen({ answer: 'at', at: null }), isChosen({ answer: 'later', at: null })]).toEqual([false, true]);
});

test('an address that was cut off is caught before it is sent', () => {
  expect(emailProblem(' name@example.com ')).toBeNull();
  for (const wrong of ['', 'name', 'name@', 'name@example', 'na me@example.com', 'name@example.c']) {
    expect(emailProblem(wrong)).toEqual(expect.any(String));
  }
});

test('people read sentences, not code words', () => {
  const fields = { store_id: 'closed', 'lines.0': 'Peach is sold out.', 'lines.1': 'Peach is sold out.' };
  expect(fieldMessages(refusal('quote_refused', { fields }))).toEqual(['Peach is sold out.']);
});

test('a changed quote brings the new one along', () => {
  expect(newQuoteOf(refusal('quote_changed', { body: { quote: { id: 'q2' } } }))).toEqual({ id: 'q2' });
  expect(newQuoteOf(refusal('quote_expired', { body: { quote: { id: 'q2' } } }))).toBeNull();
});

test('an outage passes, a refusal does not', () => {
  expect(mayPass(refusal('payment_provider_unavailable', { status: 503 }))).toBe(true);
  expect(mayPass(new NoAnswerError('timeout'))).toBe(true);
  expect(mayPass(refusal('payment_closed'))).toBe(false);
});

const waiting: PaymentWait = {
  state: 'waiting', until: '2026-11-23T16:00:00Z', charges_saved_card: false, longest_until: '2026-11-23T19:00:00Z',
};
const times = { until: '9:00 AM', held: '9:10 AM', amount: '$4.65', unheard: false };

test('an outage is told in the specified words, with the end of the consent', () => {
  expect(waitWords(waiting, times).title).toBe(
    'Payment system temporarily unavailable. Please try again in a few minutes.',
  );
  expect(waitWords(waiting, times).money).toContain('nothing will be until you pay');
  expect(waitWords({ ...waiting, charges_saved_card: true }, times).money).toContain('by 9:00 AM');
  expect(waitWords({ ...waiting, state: 'asking' }, times).text).toContain('9:10 AM');
});

test('nobody is told that nothing was charged after an answer was lost', () => {
  const unheard = { ...times, unheard: true };
  expect(waitWords(waiting, unheard).money).toContain('may have been charged');
  expect(waitWords({ ...waiting, state: 'asking' }, unheard).money).not.toContain('Nothing was charged');
});

test('the form is back as soon as the provider is', () => {
  expect([isAway(null), isAway({ ...waiting, state: 'ready' }), isAway(waiting)]).toEqual([false, false, true]);
});

const seen = (status: string, message: string, canPay = true) =>
  jest.fn(() => Promise.resolve({ can_pay: canPay, payment: { status, message } } as Order));

test('a payment that its bank still looks at is no refused card', async () => {
  const confirmed = { kind: 'confirmed' } as const;
  expect(await troubleAfter(confirmed, seen('processing', 'Your bank is working on it.'))).toBeNull();
  expect(await troubleAfter(confirmed, seen('failed', 'Declined.'))).toMatchObject({ refused: true, text: 'Declined.' });
  expect(await troubleAfter(confirmed, seen('paid', '', false))).toBeNull();
});

test('a provider that gives no answer has the server look, so that it knows of the outage', async () => {
  const away = { kind: 'unavailable', message: 'No answer.' } as const;
  const look = seen('failed', 'An earlier card was declined.');
  expect(await troubleAfter(away, look)).toMatchObject({ refused: false, text: 'No answer.' });
  expect(look).toHaveBeenCalledTimes(1);
  const outage = jest.fn(() => Promise.reject(refusal('payment_provider_unavailable', { status: 503 })));
  expect(await troubleAfter(away, outage)).toMatchObject({ refused: false, text: 'No answer.' });
  expect(await troubleAfter({ kind: 'confirmed' }, outage)).toMatchObject({ title: 'We’re checking your payment' });
  expect(await troubleAfter(away, seen('paid', '', false))).toBeNull();
});

test('a declined card, or fields to complete, ask the server nothing', async () => {
  const look = seen('failed', 'Declined.');
  expect(await troubleAfter({ kind: 'declined', message: 'Declined.' }, look)).toMatchObject({ refused: true });
  expect(await troubleAfter({ kind: 'incomplete' }, look)).toBeNull();
  expect(look).not.toHaveBeenCalled();
});
