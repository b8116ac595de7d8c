import type {
  AppConfig, LineRequest, Me, Menu, Order, OrderNotice, Page, PaymentStart, PickupChoice, PlacedOrder, Quote, QuoteRequest, Reorder,
  Store, StoreDetail,
} from '@/api/types';
import { keys } from '@/lib/idempotency';
import { orderToken } from '@/lib/order-tokens';

import { request } from './client';
import { isAnswered } from './errors';

/** One function per operation of the API; hooks of the features call these and nothing else. */

const V1 = '/api/v1';
type Signal = { signal?: AbortSignal };

export function getConfig({ signal }: Signal = {}): Promise<AppConfig> {
  return request('GET', `${V1}/config`, { signal });
}

export interface StoreSearch {
  lat?: number;
  lon?: number;
  q?: string;
  limit?: number;
}

export function listStores(search: StoreSearch, { signal }: Signal = {}): Promise<Page<Store>> {
  return request('GET', `${V1}/stores`, { query: { ...search, q: search.q || undefined }, signal });
}

export function getStore(slug: string, { signal }: Signal = {}): Promise<StoreDetail> {
  return request('GET', `${V1}/stores/${encodeURIComponent(slug)}`, { signal });
}

/** The browser and the phone keep the menu with its ETag, so an unchanged one costs a 304. */
export function getMenu(slug: string, { signal }: Signal = {}): Promise<Menu> {
  return request('GET', `${V1}/stores/${encodeURIComponent(slug)}/menu`, { signal });
}

export function createQuote(body: QuoteRequest, { signal }: Signal = {}): Promise<Quote> {
  return request('POST', `${V1}/quotes`, { body, signal });
}

export interface PlaceOrder {
  quote_id: string;
  contact_email?: string;
  pickup: PickupChoice | null;
}

/** Its key belongs to the cart, so that every tab means the same order: see lib/placing. */
export function placeOrder(body: PlaceOrder, idempotencyKey: string): Promise<PlacedOrder> {
  return request('POST', `${V1}/orders`, { body, idempotencyKey });
}

export function listOrders(cursor: string | null, { signal }: Signal = {}): Promise<Page<Order>> {
  return request('GET', `${V1}/orders`, { query: { cursor }, signal });
}

/** `token`: another secret than the one that this device knows. */
export function getOrder(id: string, { signal, token }: Signal & { token?: string } = {}): Promise<Order> {
  return request('GET', orderPath(id), { orderToken: token ?? orderToken(id), signal });
}

export function startPayment(id: string): Promise<PaymentStart> {
  return onOrder(id, 'payment', {});
}

/** Asks the server to look at the provider now; never tells it what happened. */
export function refreshPayment(id: string): Promise<Order> {
  return request('POST', `${orderPath(id)}/payment/refresh`, { body: {}, orderToken: orderToken(id) });
}

/** Agrees to wait while the payment provider is away. Each tap means "so long from now", so each is an attempt of its own. */
export function waitForPayment(id: string, consent: Consent): Promise<Order> {
  return onOrder(id, 'payment/wait', consent);
}

export interface Consent {
  minutes: number;
  charge_saved_card: boolean;
}

export function choosePickup(id: string, choice: PickupChoice): Promise<Order> {
  return request('PUT', `${orderPath(id)}/pickup`, { body: choice, orderToken: orderToken(id) });
}

export function cancelOrder(id: string, reason: string | null): Promise<Order> {
  return onOrder(id, 'cancel', { reason });
}

export function openDoor(id: string, code: string): Promise<Order> {
  return onOrder(id, 'open-door', { code });
}

export function reorder(id: string): Promise<Reorder> {
  return request('POST', `${orderPath(id)}/reorder`, { body: {}, orderToken: orderToken(id) });
}

export async function listNotices(id: string, { signal }: Signal = {}): Promise<OrderNotice[]> {
  const answer: { notices: OrderNotice[] } = await request('GET', `${orderPath(id)}/notices`, {
    orderToken: orderToken(id),
    signal,
  });
  return answer.notices;
}

export function seeNotice(id: string, notice: string): Promise<void> {
  return request('POST', `${orderPath(id)}/notices/${encodeURIComponent(notice)}/seen`, { orderToken: orderToken(id) });
}

export function getMe({ signal }: Signal = {}): Promise<Me> {
  return request('GET', `${V1}/me`, { signal });
}

export type Lines = LineRequest[];

function orderPath(id: string): string {
  return `${V1}/orders/${encodeURIComponent(id)}`;
}

type OrderAction = 'payment' | 'payment/wait' | 'cancel' | 'open-door';

function onOrder<Answer>(id: string, action: OrderAction, body: unknown): Promise<Answer> {
  return once(`${action}:${id}`, body, (idempotencyKey) =>
    request('POST', `${orderPath(id)}/${action}`, { body, idempotencyKey, orderToken: orderToken(id) }),
  );
}

/** Sends with the attempt's key and forgets the key once the server's answer is known. */
async function once<Answer>(attempt: string, payload: unknown, act: (key: string) => Promise<Answer>): Promise<Answer> {
  const key = keys.keyFor(attempt, payload);
  try {
    const answer = await act(key);
    keys.settle(attempt);
    return answer;
  } catch (error) {
    if (isAnswered(error)) keys.settle(attempt);
    throw error;
  }
}
