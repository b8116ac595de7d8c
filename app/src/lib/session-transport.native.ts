import type { Method } from './api/client';
import { secrets } from './storage';

/** The phone sends its session as a header, never as a cookie. */
export const credentials: RequestCredentials = 'omit';
export const liveCredentials: RequestCredentials = 'omit';

export const accountsBase = '/_allauth/app/v1';

const KEY = 'session';

export function sessionHeaders(_method: Method): Record<string, string> {
  const token = secrets.get(KEY);
  return token ? { 'X-Session-Token': token } : {};
}

export function keepSession(token: string | null): void {
  if (token) secrets.set(KEY, token);
  else secrets.remove(KEY);
}

/** Cross-site forgery needs cookies; the phone uses none. */
export function hasCsrfToken(): boolean {
  return true;
}

/** Whether this device may hold a session; only the server knows for sure. */
export function mayBeSignedIn(): boolean {
  return secrets.get(KEY) !== null;
}
