import { apiOrigin } from '@/env';
import { isRecord } from '@/lib/json';
import { credentials, sessionHeaders } from '@/lib/session-transport';

import { ApiError, NoAnswerError } from './errors';

const TIMEOUT_MS = 20_000;

export interface RequestOptions {
  body?: unknown;
  query?: Record<string, string | number | null | undefined>;
  /** Secret of a guest's order. */
  orderToken?: string | null;
  idempotencyKey?: string;
  /** Secrets that must not stand in an address, such as the key of a mail's link. */
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Sends one request and gives the answer's JSON. Throws ApiError (refused) or NoAnswerError (unknown outcome). */
export async function request<Answer>(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await send(method, path, options);
  const body = await readJson(response);
  if (response.ok) return body as Answer;
  throw refusal(response.status, body);
}

/** Gets a whole file. Throws like `request`. */
export async function requestFile(path: string): Promise<Blob> {
  const response = await send('GET', path, {});
  if (response.ok) return response.blob();
  throw refusal(response.status, await readJson(response));
}

async function send(method: Method, path: string, options: RequestOptions): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
  const stop = (): void => timeout.abort();
  options.signal?.addEventListener('abort', stop);
  try {
    return await fetch(addressOf(path, options.query), {
      method,
      credentials,
      headers: headersOf(method, options),
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: timeout.signal,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new NoAnswerError(timeout.signal.aborted ? 'timeout' : isOffline() ? 'offline' : 'unreachable');
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
  }
}

function addressOf(path: string, query: RequestOptions['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined);
  const search = pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&');
  return `${apiOrigin}${path}${search ? `?${search}` : ''}`;
}

function headersOf(method: Method, options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = { Accept: 'application/json', ...sessionHeaders(method), ...options.headers };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (options.orderToken) headers['X-Order-Token'] = options.orderToken;
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
  return headers;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function refusal(status: number, body: unknown): ApiError {
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  const fields = isRecord(error.fields)
    ? Object.fromEntries(Object.entries(error.fields).map(([key, value]) => [key, String(value)]))
    : {};
  const code = typeof error.code === 'string' ? error.code : `http_${status}`;
  const message = typeof error.message === 'string' ? error.message : messageForStatus(status);
  return new ApiError({ status, code, message, fields, body });
}

/** For answers that do not come from CodePop itself, such as those of a proxy in front of it. */
function messageForStatus(status: number): string {
  if (status === 429) return 'That was a lot of taps at once. Give it a few seconds, then try again.';
  if (status >= 500) return 'CodePop isn’t answering right now. It’s safe to try again, nothing happens twice.';
  return `CodePop refused this (${status}). Go back one step and try again.`;
}

export function isOffline(): boolean {
  return typeof navigator !== 'undefined' && !navigator.onLine;
}
