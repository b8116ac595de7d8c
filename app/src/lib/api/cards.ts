import type { CardSetup, CardSheet, PaymentStart, SavedCard } from '@/api/types';
import { keys } from '@/lib/idempotency';

import { request } from './client';

/** Saved cards of the signed-in person. Their numbers never pass through here: the provider's own form takes them. */

const PATH = '/api/v1/me/payment-methods';
interface Cards {
  items: SavedCard[];
}

export function listCards({ signal }: { signal?: AbortSignal } = {}): Promise<Cards> {
  return request('GET', PATH, { signal });
}

/** Each opening of the form saves one card, so each has a key of its own. */
export async function startSavingCard(): Promise<CardSetup> {
  const idempotencyKey = keys.keyFor('save-card', {});
  const answer = await request<CardSetup>('POST', `${PATH}/setup`, { body: {}, idempotencyKey });
  keys.settle('save-card');
  return answer;
}

/** What a phone's payment sheet needs to show its person's cards; every opening asks anew. */
export async function openCardSheet(): Promise<CardSheet> {
  const idempotencyKey = keys.keyFor('card-sheet', {});
  const answer = await request<CardSheet>('POST', `${PATH}/sheet`, { body: {}, idempotencyKey });
  keys.settle('card-sheet');
  return answer;
}

export function setDefaultCard(id: string): Promise<Cards> {
  return request('PUT', `${PATH}/default`, { body: { id } });
}

export function removeCard(id: string): Promise<Cards> {
  return request('DELETE', `${PATH}/${encodeURIComponent(id)}`);
}

/** Ties an order's payment to the person, so that saved cards can pay it, or the card that pays is saved. */
export function payWithMyCards(order: string, save: boolean): Promise<PaymentStart> {
  return request('PUT', `/api/v1/orders/${encodeURIComponent(order)}/payment/cards`, { body: { save } });
}
