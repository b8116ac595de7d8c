import type { Consent, DataExport, Purpose } from '@/api/types';

import { newestFile, questionsOf } from './model';

const purpose = (name: Purpose['purpose'], optional: boolean, version = 1): Purpose => ({
  purpose: name, title: name, says: '', basis: optional ? 'consent' : 'contract', version, optional,
});
const consent = (name: Purpose['purpose'], given: boolean, ask = false): Consent => ({
  purpose: name, given, version: 1, current_version: ask ? 2 : 1, at: null, ask,
});

test('only what one decides about is asked, and a yes to an old version is no yes', () => {
  const purposes = [purpose('orders', false), purpose('news_mail', true), purpose('location', true, 2), purpose('push', true)];
  const questions = questionsOf(purposes, [consent('news_mail', true), consent('location', true, true)]);
  expect(questions.map((one) => [one.purpose.purpose, one.given, one.changed])).toEqual([
    ['news_mail', true, false], ['location', false, true], ['push', false, false],
  ]);
});

test('the newest file that has not expired', () => {
  const now = new Date('2026-11-26T12:00:00Z');
  const file = (id: string, asked_at: string, expires_at: string | null): DataExport => ({
    id, ready: expires_at !== null, asked_at, expires_at, url: expires_at && '/file',
  });
  const old = file('a', '2026-11-10T00:00:00Z', '2026-11-17T00:00:00Z');
  const ready = file('b', '2026-11-24T00:00:00Z', '2026-12-01T00:00:00Z');
  const coming = file('c', '2026-11-26T00:00:00Z', null);
  expect(newestFile([old], now)).toBeUndefined();
  expect(newestFile([old, ready], now)?.id).toBe('b');
  expect(newestFile([ready, coming, old], now)?.id).toBe('c');
});
