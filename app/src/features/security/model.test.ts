import { devicesText, emailText, grouped, passkeyName, seenText, twoStepText } from './model';

test('the address that works, and the one that waits for its link', () => {
  const old = { email: 'old@example.org', verified: true, primary: true };
  expect(emailText([old])).toBe('old@example.org');
  expect(emailText([old, { email: 'new@example.org', verified: false, primary: false }])).toBe(
    'old@example.org; new@example.org waits for its link',
  );
  expect(emailText(undefined)).toBeUndefined();
});

test('recovery codes alone are no second step', () => {
  const times = { created_at: 0, last_used_at: null };
  const codes = { type: 'recovery_codes', ...times, total_code_count: 10, unused_code_count: 10 } as const;
  expect(twoStepText([codes])).toMatch(/^Off/);
  expect(twoStepText([{ type: 'totp', ...times }, codes])).toBe('On: authenticator app');
  const keys = [1, 2].map((id) => ({ type: 'webauthn', ...times, id, name: `Key ${id}` }) as const);
  expect(twoStepText([{ type: 'totp', ...times }, ...keys])).toBe('On: authenticator app and 2 passkeys');
});

test('a secret in groups of four', () => {
  expect(grouped('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
  expect(grouped('ABCD')).toBe('ABCD');
});

test('passkeys get different names', () => {
  expect(passkeyName('Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X)', [])).toBe('iPhone');
  expect(passkeyName('Mozilla/5.0 (X11; Linux x86_64)', ['Linux', 'Linux 2'])).toBe('Linux 3');
  expect(passkeyName('?', [])).toBe('This device');
});

test('last use in days', () => {
  const now = new Date('2026-11-26T12:00:00Z');
  expect(seenText('2026-11-26T11:00:00Z', now)).toBe('used in the last day');
  expect(seenText('2026-11-25T11:00:00Z', now)).toBe('used yesterday');
  expect(seenText('2026-11-20T11:00:00Z', now)).toBe('used 6 days ago');
  expect(devicesText([])).toBe('0 devices signed in');
});
