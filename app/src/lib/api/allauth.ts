import { isRecord } from '@/lib/json';
import { accountsBase, hasCsrfToken, keepSession } from '@/lib/session-transport';

import { request, type Method } from './client';
import { ApiError } from './errors';

/**
 * allauth's headless API, which has answers of its own: 401 is no failure but says what is still to do, and every answer
 * may bring the phone's session. Here that becomes values and our own errors; nothing else of the app knows its shapes.
 */

/** How a second factor, or a confirmation, can be given. */
export type Way = 'password' | 'totp' | 'recovery_codes' | 'webauthn';

/** Where one stands after a step of signing in. */
export type AuthStep =
  | { kind: 'in' }
  | { kind: 'verify' }
  | { kind: 'second'; ways: Way[] }
  | { kind: 'out' };

/** The server wants to be sure that it is still the same person, less than five minutes ago. */
export class ConfirmationNeeded extends Error {
  override readonly name = 'ConfirmationNeeded';
  constructor(readonly ways: Way[]) {
    super('Confirm that it is you, then this goes on.');
  }
}

export interface CallOptions {
  body?: unknown;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** A status that is an answer here and no refusal. */
  also?: number;
}

export interface Answer {
  status: number;
  data: unknown;
  meta: Record<string, unknown>;
}

const TOO_OFTEN = 'That was too often in a short time. Wait a minute, then try again.';
const SIGNED_OUT = 'You’re signed out by now. Sign in again, then repeat this.';

/** A step of signing up or in: says where one stands then. */
export async function step(method: Method, path: string, options: CallOptions = {}): Promise<AuthStep> {
  return stepOf(await call(method, path, { ...options, also: 401 }));
}

/** Something that only a signed-in person can do. Throws ConfirmationNeeded when they must confirm first. */
export async function own(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
  return confirmed(call(method, path, options));
}

/** The same for our own API, which asks in the same words. */
export async function confirmed<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 410)) throw error;
    const ways = waysToConfirm(error.body);
    if (ways.length > 0) throw new ConfirmationNeeded(ways);
    throw new ApiError({ status: 401, code: 'not_signed_in', message: SIGNED_OUT, fields: {}, body: error.body });
  }
}

/** One request. Throws ApiError, with the words of the server at the fields they are about. */
export async function call(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
  if (!hasCsrfToken()) await request('GET', `${accountsBase}/config`);
  const { also, ...rest } = options;
  try {
    return answerOf(200, await request(method, accountsBase + path, rest));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    keepSessionOf(error.body);
    if (error.status === 410) keepSession(null);
    if (error.status === also || (also === 401 && error.status === 410)) return answerOf(error.status, error.body);
    throw explained(error);
  }
}

function answerOf(status: number, body: unknown): Answer {
  keepSessionOf(body);
  const record = isRecord(body) ? body : {};
  return { status, data: record.data, meta: isRecord(record.meta) ? record.meta : {} };
}

function keepSessionOf(body: unknown): void {
  const meta = isRecord(body) && isRecord(body.meta) ? body.meta : {};
  if (typeof meta.session_token === 'string') keepSession(meta.session_token);
}

export function flowsOf(data: unknown): Record<string, unknown>[] {
  return isRecord(data) && Array.isArray(data.flows) ? data.flows.filter(isRecord) : [];
}

const WAYS: readonly string[] = ['totp', 'recovery_codes', 'webauthn'] satisfies Way[];

function typesOf(flow: Record<string, unknown> | undefined): Way[] {
  const types: unknown[] = Array.isArray(flow?.types) ? flow.types : [];
  return types.filter((type): type is Way => typeof type === 'string' && WAYS.includes(type));
}

export function stepOf({ status, data, meta }: Answer): AuthStep {
  if (status === 200 || meta.is_authenticated === true) return { kind: 'in' };
  const pending = flowsOf(data).find((flow) => flow.is_pending === true);
  if (pending?.id === 'verify_email') return { kind: 'verify' };
  if (pending?.id === 'mfa_authenticate') return { kind: 'second', ways: typesOf(pending) };
  return { kind: 'out' };
}

/** What a signed-in person can confirm with; empty when nobody is signed in. */
export function waysToConfirm(body: unknown): Way[] {
  const flows = flowsOf(isRecord(body) ? body.data : null);
  const byFactor = typesOf(flows.find((flow) => flow.id === 'mfa_reauthenticate'));
  return flows.some((flow) => flow.id === 'reauthenticate') ? ['password', ...byFactor] : byFactor;
}

/** {"errors": [{"param": "password", "message": "..."}]} in our own envelope. */
export function explained(error: ApiError): ApiError {
  const errors = isRecord(error.body) && Array.isArray(error.body.errors) ? error.body.errors.filter(isRecord) : [];
  const fields: Record<string, string> = {};
  for (const { param, message } of errors) {
    if (typeof param === 'string' && typeof message === 'string') fields[param] ??= message;
  }
  const general = errors.find((entry) => typeof entry.param !== 'string') ?? errors[0];
  const code = typeof general?.code === 'string' ? general.code : error.code;
  const said = typeof general?.message === 'string' ? general.message : error.message;
  const message = error.status === 429 ? TOO_OFTEN : said;
  return new ApiError({ status: error.status, code, message, fields, body: error.body });
}
