import type { Session } from '@/api/types';
import type { Address, Authenticator } from '@/lib/api/accounts';
import { count, list } from '@/lib/format';

/** How each stands, in a few words; undefined while it is not known. */

export function emailText(addresses: readonly Address[] | undefined): string | undefined {
  const waiting = addresses?.find((address) => !address.verified);
  const now = addresses?.find((address) => address.primary) ?? addresses?.[0];
  return waiting && now && waiting !== now ? `${now.email}; ${waiting.email} waits for its link` : now?.email;
}

export function twoStepText(authenticators: readonly Authenticator[] | undefined): string | undefined {
  if (!authenticators) return undefined;
  const passkeys = authenticators.filter((one) => one.type === 'webauthn').length;
  const parts = [
    ...(authenticators.some((one) => one.type === 'totp') ? ['authenticator app'] : []),
    ...(passkeys > 0 ? [count(passkeys, 'passkey')] : []),
  ];
  return parts.length === 0 ? 'Off: a password alone opens the account' : `On: ${list(parts)}`;
}

export function devicesText(sessions: readonly Session[] | undefined): string | undefined {
  return sessions && `${count(sessions.length, 'device')} signed in`;
}

/** "JBSW Y3DP …": a secret that somebody types off one screen into another. */
export function grouped(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}

/** A name for a passkey that tells it from the others: the kind of device that makes it. */
export function passkeyName(agent: string, taken: readonly string[]): string {
  const kinds = [[/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Mac/, 'Mac'], [/Windows/, 'Windows'], [/Linux/, 'Linux']] as const;
  const kind = kinds.find(([pattern]) => pattern.test(agent))?.[1] ?? 'This device';
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? kind : `${kind} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

const DAY_MS = 86_400_000;

/** When a device was last used; no finer than it is known. */
export function seenText(seenAt: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(seenAt)) / DAY_MS);
  if (days < 1) return 'used in the last day';
  return days === 1 ? 'used yesterday' : `used ${days} days ago`;
}
