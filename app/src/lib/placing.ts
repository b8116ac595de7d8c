import type { PlacedOrder } from '@/api/types';
import { ApiError, isAnswered, placeOrder, type PlaceOrder } from '@/lib/api';

import { isRecord, readSecretList } from './json';
import { noteOrdered, orderedAs } from './ordered-carts';
import { secrets } from './storage';

/**
 * A cart is ordered once, whatever the number of tabs and reloads. Its key is the request's key, and what was sent under
 * it without a known answer is kept on the device: when the server knows the key, the request that it knows is sent again
 * and answered with the order that there is.
 */

interface Sent {
  cart: string;
  /** Requests whose answer isn't known; the latest first. */
  bodies: PlaceOrder[];
}

const KEY = 'sent';
/** So many carts, and requests of each, are remembered: the latest ones. */
const MOST = 3;
/** Another tab's answer and ours come within moments of each other. */
const LOOKS = 10;
const LOOK_MS = 300;

interface Ways {
  send: (body: PlaceOrder, key: string) => Promise<PlacedOrder>;
  pause: (milliseconds: number) => Promise<void>;
}

const WAYS: Ways = { send: placeOrder, pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) };

interface Ordered {
  placed: PlacedOrder;
  /** Not this request made the order, but one before it, or another tab's. */
  earlier: boolean;
}

export async function placeCart(cart: string, body: PlaceOrder, ways: Ways = WAYS): Promise<Ordered> {
  keep(cart, body);
  try {
    return { placed: await sendAs(cart, body, ways), earlier: false };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'idempotency_key_reused') {
      drop(cart, body);
      return { placed: await placeAsOther(cart, ways), earlier: true };
    }
    // Refused: this request ordered nothing, so the cart may be sent anew, such as with a new price.
    if (isAnswered(error)) drop(cart, body);
    throw error;
  }
}

async function sendAs(cart: string, body: PlaceOrder, { send }: Ways): Promise<PlacedOrder> {
  const placed = await send(body, cart);
  // Of all that were written down, this is the one that counted.
  noteOrdered({ cart, order: placed.order.id, body });
  change(cart, () => []);
  return placed;
}

/** An earlier request of this cart, perhaps another tab's, was first: sent again, it is answered with its order. */
async function placeAsOther(cart: string, ways: Ways): Promise<PlacedOrder> {
  for (let look = 0; look < LOOKS; look += 1) {
    for (const other of candidates(cart)) {
      try {
        return await sendAs(cart, other, ways);
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'idempotency_key_reused') throw error;
      }
    }
    await ways.pause(LOOK_MS);
  }
  const message = 'This cart was ordered in another window. You find it under your orders.';
  throw new ApiError({ status: 409, code: 'quote_used', message, fields: {}, body: null });
}

function bodiesOf(cart: string): readonly PlaceOrder[] {
  return readSecretList(KEY, isSent).find((sent) => sent.cart === cart)?.bodies ?? [];
}

/** Requests that may have made the cart's order: the one that is known to have, before those without an answer. */
function candidates(cart: string): readonly PlaceOrder[] {
  const ordered = orderedAs(cart);
  return ordered ? [ordered.body, ...bodiesOf(cart)] : bodiesOf(cart);
}

function keep(cart: string, body: PlaceOrder): void {
  change(cart, (bodies) => [body, ...without(bodies, body)]);
}

function drop(cart: string, body: PlaceOrder): void {
  change(cart, (bodies) => without(bodies, body));
}

function without(bodies: readonly PlaceOrder[], body: PlaceOrder): PlaceOrder[] {
  return bodies.filter((one) => JSON.stringify(one) !== JSON.stringify(body));
}

function change(cart: string, how: (bodies: readonly PlaceOrder[]) => PlaceOrder[]): void {
  const bodies = how(bodiesOf(cart)).slice(0, MOST);
  const others = readSecretList(KEY, isSent).filter((sent) => sent.cart !== cart);
  const sent = bodies.length > 0 ? [{ cart, bodies }, ...others].slice(0, MOST) : others;
  secrets.set(KEY, JSON.stringify(sent));
}

function isSent(value: unknown): value is Sent {
  return isRecord(value) && typeof value.cart === 'string' && Array.isArray(value.bodies);
}
