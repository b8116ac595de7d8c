import { useEffect } from 'react';

import type { LineRequest, Store } from '@/api/types';

import { chooseStore, chosenStore, getChosenStore } from './chosen-store';
import { isRecord, readKept, writeKept } from './json';
import { randomId } from './random';
import { storage } from './storage';
import { createStore, useStore } from './store';

/** The cart: one for each store, kept on the device, until it is ordered. The server prices it (POST /quotes). */

export interface CartLine extends LineRequest {
  /** Known only here, to edit and remove the line. */
  id: string;
}

export type CartStore = Pick<Store, 'id' | 'slug' | 'name' | 'timezone' | 'currency'>;

export interface Cart {
  /** Names this cart with just these lines, in every tab and after a reload; it is ordered under this name, once. */
  key: string;
  store: CartStore;
  lines: CartLine[];
}

/** By slug of the store. */
export type Carts = Record<string, Cart>;

const KEY = 'carts';
const NO_LINES: CartLine[] = [];
let opened = false;
const carts = createStore<Carts>({});

/** What an older app wrote in another form counts as absent. */
export function isCarts(value: unknown): value is Carts {
  return (
    isRecord(value) &&
    Object.values(value).every((cart) => isRecord(cart) && typeof cart.key === 'string' && isRecord(cart.store) && Array.isArray(cart.lines))
  );
}

function open(): void {
  if (opened) return;
  opened = true;
  let kept = readKept(KEY, isCarts) ?? {};
  carts.set(kept);
  // What was read isn't written down again: by then the other tab may have written something newer.
  carts.subscribe(() => {
    if (carts.get() !== kept) writeKept(KEY, carts.get());
  });
  // Tabs share the carts: what one changes or orders, all show.
  storage.onOtherTab(KEY, () => {
    kept = readKept(KEY, isCarts) ?? {};
    carts.set(kept);
  });
}

function sameDrink(one: LineRequest, other: LineRequest): boolean {
  const taste = ({ drink_id, name, size, recipe }: LineRequest) => JSON.stringify([drink_id, name, size, recipe]);
  return taste(one) === taste(other);
}

function change(slug: string, next: (lines: CartLine[]) => CartLine[]): void {
  open();
  carts.set((state) => {
    const cart = state[slug];
    return cart ? { ...state, [slug]: { ...cart, key: randomId(), lines: next(cart.lines) } } : state;
  });
}

/** Adds the line, or its quantity to an equal line; never more of one than `maxPerLine`. */
export function withAdded(lines: readonly CartLine[], line: LineRequest, id: string, maxPerLine: number): CartLine[] {
  const equal = lines.find((other) => sameDrink(other, line));
  if (!equal) return [...lines, { ...line, id }];
  const quantity = Math.min(maxPerLine, equal.quantity + line.quantity);
  return lines.map((other) => (other === equal ? { ...other, quantity } : other));
}

/** Orders from this store from now on; its cart is as it was left. */
export function openCart({ id, slug, name, timezone, currency }: CartStore): void {
  open();
  if (getChosenStore() !== slug) chooseStore(slug);
  const store = { id, slug, name, timezone, currency };
  carts.set((state) => {
    const known = state[slug];
    if (JSON.stringify(known?.store) === JSON.stringify(store)) return state;
    return { ...state, [slug]: { key: known?.key ?? randomId(), store, lines: known?.lines ?? [] } };
  });
}

/** A page of one store: whoever looks at it orders from there, also when a link led them to it. */
export function useOpenCart(store: CartStore | undefined): void {
  useEffect(() => {
    if (store) openCart(store);
  }, [store]);
}

export function addLine(store: CartStore, line: LineRequest, maxPerLine: number): void {
  openCart(store);
  change(store.slug, (lines) => withAdded(lines, line, randomId(), maxPerLine));
}

export function replaceLine(slug: string, id: string, line: LineRequest): void {
  change(slug, (lines) => lines.map((other) => (other.id === id ? { ...line, id } : other)));
}

/** A quantity of none takes the line out. */
export function setQuantity(slug: string, id: string, quantity: number): void {
  change(slug, (lines) =>
    quantity < 1
      ? lines.filter((line) => line.id !== id)
      : lines.map((line) => (line.id === id ? { ...line, quantity } : line)),
  );
}

/** After ordering. */
export function clearCart(slug: string): void {
  change(slug, () => []);
}

/** Puts the lines of an earlier order in, for "order again". */
export function fillCart(store: CartStore, lines: readonly LineRequest[], maxPerLine: number): void {
  for (const line of lines) addLine(store, line, maxPerLine);
}

/** The cart of the store that one is ordering from; null before anything was chosen. */
export function useCart(): Cart | null {
  open();
  const slug = useStore(chosenStore) ?? getChosenStore();
  const all = useStore(carts);
  return (slug && all[slug]) || null;
}

/** The lines at one store. */
export function useLines(slug: string): CartLine[] {
  open();
  return useStore(carts)[slug]?.lines ?? NO_LINES;
}

export function drinkCount(lines: readonly LineRequest[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

/** What the API is sent: the line without the id that only the device knows. */
export function requestOf({ id: _, ...line }: CartLine): LineRequest {
  return line;
}
