import { ApiError, isAnswered, NoAnswerError } from './api/errors';
import { keyKeeper } from './idempotency';

function keeper() {
  let made = 0;
  return keyKeeper(() => `key-${(made += 1)}`);
}

test('a double tap and a retry carry the same key', () => {
  const keys = keeper();
  const first = keys.keyFor('place', { quote_id: 'a' });
  expect(keys.keyFor('place', { quote_id: 'a' })).toBe(first);
});

test('another payload, another order and an answered attempt get new keys', () => {
  const keys = keeper();
  const first = keys.keyFor('place', { quote_id: 'a' });
  expect(keys.keyFor('cancel:1', {})).not.toBe(first);
  const second = keys.keyFor('place', { quote_id: 'b' });
  expect(second).not.toBe(first);
  keys.settle('place');
  expect(keys.keyFor('place', { quote_id: 'b' })).not.toBe(second);
});

test('only a known answer settles an attempt', () => {
  const refused = (status: number, code: string) =>
    isAnswered(new ApiError({ status, code, message: '', fields: {}, body: null }));
  expect(refused(409, 'quote_changed')).toBe(true);
  expect(refused(409, 'idempotency_key_in_use')).toBe(false);
  expect(refused(429, 'throttled')).toBe(false);
  expect(refused(503, 'payment_provider_unavailable')).toBe(false);
  expect(isAnswered(new NoAnswerError('timeout'))).toBe(false);
});
