import { explained, stepOf, waysToConfirm } from './allauth';
import { ApiError } from './errors';

const waiting = (...flows: object[]) => ({ status: 401, data: { flows }, meta: { is_authenticated: false } });

test('an answer says where one stands', () => {
  expect(stepOf({ status: 200, data: {}, meta: { is_authenticated: true } })).toEqual({ kind: 'in' });
  expect(stepOf(waiting({ id: 'login' }, { id: 'signup' }))).toEqual({ kind: 'out' });
  expect(stepOf(waiting({ id: 'login' }, { id: 'verify_email', is_pending: true }))).toEqual({ kind: 'verify' });
  const second = { id: 'mfa_authenticate', is_pending: true, types: ['totp', 'recovery_codes', 'telepathy'] };
  expect(stepOf(waiting({ id: 'login' }, second))).toEqual({ kind: 'second', ways: ['totp', 'recovery_codes'] });
  expect(stepOf({ status: 401, data: null, meta: {} })).toEqual({ kind: 'out' });
});

test('a 401 of a signed-in person says how to confirm, of anybody else nothing', () => {
  const body = { data: { flows: [{ id: 'reauthenticate' }, { id: 'mfa_reauthenticate', types: ['totp', 'webauthn'] }] } };
  expect(waysToConfirm(body)).toEqual(['password', 'totp', 'webauthn']);
  expect(waysToConfirm({ data: { flows: [{ id: 'login' }] } })).toEqual([]);
  expect(waysToConfirm(null)).toEqual([]);
});

test('refusals speak at their fields, the first word of each', () => {
  const body = {
    errors: [
      { code: 'password_too_short', param: 'password', message: 'Too short.' },
      { code: 'password_too_common', param: 'password', message: 'Too common.' },
    ],
  };
  const error = explained(new ApiError({ status: 400, code: 'http_400', message: 'refused', fields: {}, body }));
  expect(error.fields).toEqual({ password: 'Too short.' });
  expect([error.code, error.message]).toEqual(['password_too_short', 'Too short.']);
});

test('too often is said as such', () => {
  const error = new ApiError({ status: 429, code: 'http_429', message: 'x', fields: {}, body: { status: 429 } });
  expect(explained(error).message).toMatch(/Wait a minute/);
});
