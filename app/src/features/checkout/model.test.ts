import { ApiError, NoAnswerError } from '@/lib/api';

import { choiceOf, emailProblem, fieldMessages, isChosen, mayPass, newQuoteOf } from './model';

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
