import { keepSession } from '@/lib/session-transport';
import type { CreationOptions, RequestOptions } from '@/lib/passkey-codec';
import { isRecord } from '@/lib/json';

import { call, own, step, type AuthStep } from './allauth';
import { request } from './client';
import { ApiError } from './errors';

/** Signing up, in and out, and everything that proves who one is. */

/** Also answers 'verify' when the address has an account already: its owner gets a mail, and nobody else learns it. */
export function signUp(email: string, password: string): Promise<AuthStep> {
  return step('POST', '/auth/signup', { body: { email, password } });
}

/** Throws ApiError with field messages when the log-in is refused. */
export async function signIn(email: string, password: string): Promise<AuthStep> {
  try {
    return await step('POST', '/auth/login', { body: { email, password } });
  } catch (error) {
    // Signed in meanwhile, in another tab.
    if (error instanceof ApiError && error.status === 409) return { kind: 'in' };
    throw error;
  }
}

/** The second step: the code of an authenticator app, or one of the recovery codes. */
export function giveCode(code: string): Promise<AuthStep> {
  return step('POST', '/auth/2fa/authenticate', { body: { code } });
}

export type PasskeyPurpose = 'sign-in' | 'second' | 'confirm';
const PASSKEY_PATH: Record<PasskeyPurpose, string> = {
  'sign-in': '/auth/webauthn/login',
  second: '/auth/webauthn/authenticate',
  confirm: '/auth/webauthn/reauthenticate',
};

/** The challenge for a passkey. */
export async function passkeyChallenge(purpose: PasskeyPurpose): Promise<RequestOptions> {
  const { data } = await call('GET', PASSKEY_PATH[purpose]);
  return (isRecord(data) ? data.request_options : null) as RequestOptions;
}

export function givePasskey(purpose: PasskeyPurpose, credential: unknown): Promise<AuthStep> {
  return step('POST', PASSKEY_PATH[purpose], { body: { credential } });
}

export async function confirmByPassword(password: string): Promise<void> {
  await own('POST', '/auth/reauthenticate', { body: { password } });
}

export async function confirmByCode(code: string): Promise<void> {
  await own('POST', '/auth/2fa/reauthenticate', { body: { code } });
}

/** allauth answers 401 when the session is gone: that is success here. */
export async function signOut(): Promise<void> {
  await step('DELETE', '/auth/session');
  keepSession(null);
}

/** The address that a mail's link is about. Throws ApiError when the link is used up, too old or was changed. */
export async function linkAddress(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<string | null> {
  const { data } = await call('GET', '/auth/email/verify', { headers: { 'X-Email-Verification-Key': key }, signal });
  return isRecord(data) && typeof data.email === 'string' ? data.email : null;
}

export function verifyAddress(key: string): Promise<AuthStep> {
  return step('POST', '/auth/email/verify', { body: { key } });
}

/** Always the same answer, whether the address is known or not. */
export function resendVerification(email: string): Promise<void> {
  return request('POST', '/api/v1/account/verification', { body: { email } });
}

export async function askForReset(email: string): Promise<void> {
  await call('POST', '/auth/password/request', { body: { email } });
}

/** Throws ApiError when the link can't be used. */
export async function checkReset(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<true> {
  await call('GET', '/auth/password/reset', { headers: { 'X-Password-Reset-Key': key }, signal });
  return true;
}

export function setNewPassword(key: string, password: string): Promise<AuthStep> {
  return step('POST', '/auth/password/reset', { body: { key, password } });
}

export async function changePassword(current: string, next: string): Promise<void> {
  await own('POST', '/account/password/change', { body: { current_password: current, new_password: next } });
}

export interface Address {
  email: string;
  verified: boolean;
  primary: boolean;
}

export async function listAddresses({ signal }: { signal?: AbortSignal } = {}): Promise<Address[]> {
  return (await own('GET', '/account/email', { signal })).data as Address[];
}

/** The new address waits for its link; the old one works until then. */
export async function changeAddress(email: string): Promise<Address[]> {
  return (await own('POST', '/account/email', { body: { email } })).data as Address[];
}

export async function withdrawAddress(email: string): Promise<Address[]> {
  return (await own('DELETE', '/account/email', { body: { email } })).data as Address[];
}

/** Throws ApiError 403 when the last mail is too recent. */
export async function remindAddress(email: string): Promise<void> {
  try {
    await own('PUT', '/account/email', { body: { email } });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    const message = 'We have just sent one. Look into your spam folder, or try again in a minute.';
    throw new ApiError({ status: 403, code: error.code, message, fields: {}, body: error.body });
  }
}

/** Times are seconds since 1970, as allauth counts. */
export type Authenticator =
  | { type: 'totp'; created_at: number; last_used_at: number | null }
  | { type: 'recovery_codes'; created_at: number; last_used_at: number | null; total_code_count: number; unused_code_count: number }
  | { type: 'webauthn'; created_at: number; last_used_at: number | null; id: number; name: string };

export async function listAuthenticators({ signal }: { signal?: AbortSignal } = {}): Promise<Authenticator[]> {
  return (await own('GET', '/account/authenticators', { signal })).data as Authenticator[];
}

export interface TotpSecret {
  secret: string;
  /** "otpauth://totp/…", for the QR code. */
  url: string;
}

/** A fresh secret that counts for nothing until a code made with it comes back. */
export async function startTotp(): Promise<TotpSecret> {
  const { meta } = await own('GET', '/account/authenticators/totp', { also: 404 });
  return { secret: String(meta.secret), url: String(meta.totp_url) };
}

export async function finishTotp(code: string): Promise<void> {
  await own('POST', '/account/authenticators/totp', { body: { code } });
}

export async function removeTotp(): Promise<void> {
  await own('DELETE', '/account/authenticators/totp');
}

/** The codes, or null when they were shown before: they are shown once. */
export async function showRecoveryCodes(): Promise<string[] | null> {
  return codesOf((await own('GET', '/account/authenticators/recovery-codes', { also: 404 })).data);
}

/** New codes; the old ones end. */
export async function makeRecoveryCodes(): Promise<string[] | null> {
  return codesOf((await own('POST', '/account/authenticators/recovery-codes', { body: {} })).data);
}

function codesOf(data: unknown): string[] | null {
  const codes: unknown = isRecord(data) ? data.unused_codes : null;
  return Array.isArray(codes) ? codes.map(String) : null;
}

/** Passkeys are made discoverable, so that one signs in without typing an address. */
export async function startPasskey(): Promise<CreationOptions> {
  const { data } = await own('GET', '/account/authenticators/webauthn', { query: { passwordless: 'yes' } });
  return (isRecord(data) ? data.creation_options : null) as CreationOptions;
}

export async function finishPasskey(name: string, credential: unknown): Promise<void> {
  await own('POST', '/account/authenticators/webauthn', { body: { name, credential } });
}

export async function renamePasskey(id: number, name: string): Promise<void> {
  await own('PUT', '/account/authenticators/webauthn', { body: { id, name } });
}

export async function removePasskey(id: number): Promise<void> {
  await own('DELETE', '/account/authenticators/webauthn', { body: { authenticators: [id] } });
}
