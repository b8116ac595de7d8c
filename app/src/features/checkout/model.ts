import type { Order, PickupChoice, Quote } from '@/api/types';
import { ApiError } from '@/lib/api';
import { isRecord } from '@/lib/json';
import type { PaymentOutcome } from '@/lib/payments/types';

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

export type PaymentWait = NonNullable<Order['payment_wait']>;

/** Whether the provider is away, as the server knows: then the form gives way to what can be done meanwhile. */
export function isAway(wait: Order['payment_wait']): wait is PaymentWait {
  return wait !== null && wait.state !== 'ready';
}

export interface WaitWords {
  title: string;
  text: string;
  money: string;
}

export interface WaitFacts {
  until: string;
  held: string;
  amount: string;
  /** A card may have paid, and its answer been lost: nobody knows until the provider is back. */
  unheard: boolean;
}

const UNHEARD = 'If you just paid, your card may have been charged. We’ll see it once paying works again; you pay only once.';

/** What a person reads while the payment provider is away. The first title is the specification's, word for word. */
export function waitWords(wait: PaymentWait, { until, held, amount, unheard }: WaitFacts): WaitWords {
  if (wait.state === 'asking') {
    return {
      title: 'Do you still want it?',
      text: `Paying didn’t come back by ${until}. Tell us by ${held}, or we close the order.`,
      money: unheard ? UNHEARD : `Nothing was charged. We won’t charge you ${amount} without your word.`,
    };
  }
  return {
    title: 'Payment system temporarily unavailable. Please try again in a few minutes.',
    text: `Your order is kept until ${held}. We keep trying, and this page moves on by itself once paying works.`,
    money: wait.charges_saved_card
      ? `If paying works again by ${until}, we charge your saved card ${amount}. After ${until} we ask you first.`
      : unheard
        ? `${UNHEARD} If not, nothing is charged until you pay ${amount} yourself.`
        : `Nothing has been charged, and nothing will be until you pay ${amount} yourself.`,
  };
}

/** Whole minutes of the consent that are left, as the API takes them: between 5 and 120. */
export function minutesLeft({ until }: PaymentWait, now: number = Date.now()): number {
  return Math.min(120, Math.max(5, Math.ceil((Date.parse(until) - now) / 60_000)));
}

/** Why an attempt to pay didn't end well, for the person; `refused` when it was the card that was turned down. */
export interface PayTrouble {
  refused: boolean;
  title: string;
  text: string;
}

export const refusedCard = (text: string): PayTrouble => ({ refused: true, title: 'That card didn’t work', text });

const CHECKING: PayTrouble = {
  refused: false,
  title: 'We’re checking your payment',
  text: 'Your bank may have said yes already, so please don’t pay twice. This page moves on by itself.',
};

/**
 * What to say after an attempt; null when there is nothing to say. Unless the card was refused or nothing was sent, the
 * server `look`s first: only its word counts, and it then knows of an outage that began after the form was loaded.
 */
export async function troubleAfter(outcome: PaymentOutcome, look: () => Promise<Order>): Promise<PayTrouble | null> {
  if (outcome.kind === 'incomplete') return null;
  if (outcome.kind === 'declined') return refusedCard(`${outcome.message} Nothing was charged.`);
  const away = outcome.kind === 'unavailable';
  const stuck: PayTrouble = away
    ? { refused: false, title: 'Paying isn’t possible right now', text: outcome.message }
    : CHECKING;
  try {
    const seen = await look();
    if (!seen.can_pay) return null;
    if (away) return stuck;
    const said = seen.payment?.status === 'failed' ? seen.payment.message : null;
    return said ? refusedCard(said) : null;
  } catch {
    return stuck;
  }
}
