import type { Method } from './api/client';

/** The session is a cookie of our own origin. */
export const credentials: RequestCredentials = 'same-origin';

/** Live streams come from their own port or host, so the cookie must be let through there. */
export const liveCredentials: RequestCredentials = 'include';

export const accountsBase = '/_allauth/browser/v1';

const SAFE: readonly Method[] = ['GET'];

export function sessionHeaders(method: Method): Record<string, string> {
  const token = SAFE.includes(method) ? null : csrfToken();
  return token ? { 'X-CSRFToken': token } : {};
}

/** On the web the browser keeps the session; there is nothing to remember here. */
export function keepSession(_token: string | null): void {}

export function hasCsrfToken(): boolean {
  return csrfToken() !== null;
}

/** Whether this device may hold a session; only the server knows for sure. */
export function mayBeSignedIn(): boolean {
  return hasCsrfToken();
}

/** Over HTTPS its name has the prefix that ties a cookie to this host. */
function csrfToken(): string | null {
  return cookie('__Host-csrftoken') ?? cookie('csrftoken');
}

function cookie(name: string): string | null {
  const pair = document.cookie.split('; ').find((entry) => entry.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : null;
}
