import type { PlacedOrder } from '@/api/types';
import { ApiError, isAnswered, placeOrder, type PlaceOrder } from '@/lib/api';

import { isRecord } from './json';
import { secrets } from './storage';

/**
 * A cart is ordered once, whatever the number of tabs and reloads. Its key is the request's key, and what was sent first
 * under it is kept on the device and sent again: the server then answers with the order that there is.
 */

interface Sent {
  cart: string;
  body: PlaceOrder;
  /** The order it became, once that is known. */
  order?: string;
}

const KEY = 'sent';
/** So many carts are remembered, the latest ones. */
const MOST = 3;
/** Another tab's answer and ours come within moments of each other. */
const LOOKS = 10;
const LOOK_MS = 300;

interface Ways {
  send: (body: PlaceOrder, key: string) => Promise<PlacedOrder>;
  pause: (milliseconds: number) => Promise<void>;
}

const WAYS: Ways = { send: placeOrder, pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) };

export async function placeCart(cart: string, body: PlaceOrder, ways: Ways = WAYS): Promise<PlacedOrder> {
  const mine = sentBody(cart) ?? body;
  keep(cart, mine, orderOfCart(cart) ?? undefined);
  try {
    const placed = await ways.send(mine, cart);
    // Of two tabs that both wrote theirs down, this is the one that counted.
    keep(cart, mine, placed.order.id);
    return placed;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'idempotency_key_reused') return placeAsOther(cart, mine, ways);
    // Refused: nothing was ordered, so this cart may be sent anew, such as with a new price.
    if (isAnswered(error)) forget(cart);
    throw error;
  }
}

/** Another tab was first with this cart: its request, sent again, is answered with its order. */
async function placeAsOther(cart: string, mine: PlaceOrder, { send, pause }: Ways): Promise<PlacedOrder> {
  for (let look = 0; look < LOOKS; look += 1) {
    const other = sentBody(cart);
    if (other && JSON.stringify(other) !== JSON.stringify(mine)) return send(other, cart);
    await pause(LOOK_MS);
  }
  const message = 'This cart was ordered in another window. You find it under your orders.';
  throw new ApiError({ status: 409, code: 'quote_used', message, fields: {}, body: null });
}

function sentBody(cart: string): PlaceOrder | null {
  return readSent().find((sent) => sent.cart === cart)?.body ?? null;
}

/** The order that a cart became, in this tab or another one; null before. */
export function orderOfCart(cart: string): string | null {
  return readSent().find((sent) => sent.cart === cart)?.order ?? null;
}

function keep(cart: string, body: PlaceOrder, order?: string): void {
  write([{ cart, body, order }, ...readSent().filter((sent) => sent.cart !== cart)].slice(0, MOST));
}

function forget(cart: string): void {
  write(readSent().filter((sent) => sent.cart !== cart));
}

function write(sent: readonly Sent[]): void {
  secrets.set(KEY, JSON.stringify(sent));
}

function readSent(): Sent[] {
  try {
    const value: unknown = JSON.parse(secrets.get(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isSent) : [];
  } catch {
    return [];
  }
}

function isSent(value: unknown): value is Sent {
  return isRecord(value) && typeof value.cart === 'string' && isRecord(value.body);
}
