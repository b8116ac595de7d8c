import type { PickupChoice, Quote } from '@/api/types';
import { ApiError } from '@/lib/api';
import { isRecord } from '@/lib/json';

export type PickupAnswer = 'now' | 'at' | 'later';

export interface PickupState {
  answer: PickupAnswer;
  at: string | null;
}

/** What the API is told: nothing while the person wants to say it after paying, or hasn't chosen the time yet. */
export function choiceOf({ answer, at }: PickupState): PickupChoice | null {
  if (answer === 'now') return { mode: 'now', at: null };
  return answer === 'at' && at !== null ? { mode: 'at', at } : null;
}

export function isChosen({ answer, at }: PickupState): boolean {
  return answer !== 'at' || at !== null;
}

/** Null when it can be an address, else what to do. The server and the mail itself have the last word. */
export function emailProblem(email: string): string | null {
  const text = email.trim();
  if (text === '') return 'Your e-mail, please: it is how we reach you about this order.';
  if (!/^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(text)) return 'That looks cut off. An address is like name@example.com.';
  return null;
}

/** The new quote that comes with "quote_changed". */
export function newQuoteOf(error: unknown): Quote | null {
  if (!(error instanceof ApiError) || error.code !== 'quote_changed' || !isRecord(error.body)) return null;
  const quote = error.body.quote;
  return isRecord(quote) && typeof quote.id === 'string' ? (quote as unknown as Quote) : null;
}

/** Everything the server said about single fields, each sentence once; its code words, such as "closed", are not for people. */
export function fieldMessages(error: unknown): string[] {
  if (!(error instanceof ApiError)) return [];
  const sentences = Object.values(error.fields).filter((text) => !/^[a-z_]+$/.test(text) && text !== error.message);
  return [...new Set(sentences)];
}

/** Whether waiting helps: an outage passes, a refusal does not. */
export function mayPass(error: Error): boolean {
  return !(error instanceof ApiError) || error.status >= 500;
}
