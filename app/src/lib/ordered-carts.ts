import type { PlaceOrder } from '@/lib/api';

import { isRecord, readSecretList } from './json';
import { secrets } from './storage';
import { createStore, useStore } from './store';

/**
 * What the latest carts became. Only who was answered with an order writes here, and every tab that was writes the same
 * of one cart: nothing that a tab notes at the same moment, such as that its own request was refused, undoes it.
 */

interface OrderedCart {
  cart: string;
  order: string;
  /** The request that counted: sent again it is answered with the order. */
  body: PlaceOrder;
}

const KEY = 'ordered';
/** So many carts are remembered: the latest ones. */
const MOST = 3;
const orderedCarts = createStore<readonly OrderedCart[] | null>(null);

/** The newest first. */
function listOrdered(): readonly OrderedCart[] {
  const known = orderedCarts.get();
  if (known) return known;
  const read = readSecretList(KEY, isOrdered);
  orderedCarts.set(read);
  secrets.onOtherTab(KEY, () => orderedCarts.set(readSecretList(KEY, isOrdered)));
  return read;
}

export function noteOrdered(ordered: OrderedCart): void {
  const carts = [ordered, ...listOrdered().filter(({ cart }) => cart !== ordered.cart)].slice(0, MOST);
  secrets.set(KEY, JSON.stringify(carts));
  orderedCarts.set(carts);
}

/** What a cart became, in this tab or another one; null before. */
export function orderedAs(cart: string): OrderedCart | null {
  return listOrdered().find((ordered) => ordered.cart === cart) ?? null;
}

/** The order that a cart became, followed while that happens, in this tab or another one; null before. */
export function useOrderOfCart(cart: string | null): string | null {
  const carts = useStore(orderedCarts) ?? listOrdered();
  return carts.find((ordered) => ordered.cart === cart)?.order ?? null;
}

function isOrdered(value: unknown): value is OrderedCart {
  return isRecord(value) && typeof value.cart === 'string' && typeof value.order === 'string' && isRecord(value.body);
}
