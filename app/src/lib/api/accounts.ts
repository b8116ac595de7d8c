import { accountsBase, hasCsrfToken, keepSession } from '@/lib/session-transport';
import { isRecord } from '@/lib/json';

import { request } from './client';
import { ApiError } from './errors';

/** Signing in and out through allauth's headless API, whose answers have a shape of their own. */

/** Throws ApiError with field messages when the log-in is refused. */
export async function signIn(email: string, password: string): Promise<void> {
  if (!hasCsrfToken()) await request('GET', `${accountsBase}/config`);
  try {
    const answer = await request<unknown>('POST', `${accountsBase}/auth/login`, { body: { email, password } });
    keepSession(sessionTokenOf(answer));
  } catch (error) {
    throw error instanceof ApiError ? explained(error) : error;
  }
}

/** allauth answers 401 when the session is gone: that is success here. */
export async function signOut(): Promise<void> {
  try {
    await request('DELETE', `${accountsBase}/auth/session`);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
  }
  keepSession(null);
}

function sessionTokenOf(answer: unknown): string | null {
  const meta = isRecord(answer) ? answer.meta : null;
  return isRecord(meta) && typeof meta.session_token === 'string' ? meta.session_token : null;
}

/** {"errors": [{"param": "password", "message": "..."}]} in our own envelope. */
function explained(error: ApiError): ApiError {
  const errors = isRecord(error.body) && Array.isArray(error.body.errors) ? error.body.errors.filter(isRecord) : [];
  const fields: Record<string, string> = {};
  for (const entry of errors) {
    if (typeof entry.param === 'string' && typeof entry.message === 'string') fields[entry.param] = entry.message;
  }
  const general = errors.find((entry) => typeof entry.param !== 'string' && typeof entry.message === 'string');
  const message = typeof general?.message === 'string' ? general.message : pendingMessage(error);
  return new ApiError({ status: error.status, code: error.code, message, fields, body: error.body });
}

/** A 401 names the flows that are still open, such as confirming the e-mail address. */
function pendingMessage(error: ApiError): string {
  const data = isRecord(error.body) ? error.body.data : null;
  const flows = isRecord(data) && Array.isArray(data.flows) ? data.flows.filter(isRecord) : [];
  const open = flows.find((flow) => flow.is_pending === true)?.id;
  if (open === 'verify_email') return 'First confirm your e-mail address: the link is in your mailbox.';
  if (open === 'mfa_authenticate') return 'This account asks for a second factor. Sign in on the web to enter it.';
  return error.status === 400 ? 'That e-mail and password don’t go together. Check both.' : error.message;
}
