import { isRecord } from './json';
import { secrets } from './storage';
import { createStore } from './store';

/** What a guest's device remembers of an order: the key to it and enough to list it. */
export interface RememberedOrder {
  id: string;
  token: string;
  /** RFC 3339, when this device learned of it. */
  since: string;
}

const KEY = 'orders';
const MOST = 30;

/** The orders whose secret this device holds, newest first. */
export const rememberedOrders = createStore<readonly RememberedOrder[] | null>(null);

export function listRemembered(): readonly RememberedOrder[] {
  const known = rememberedOrders.get();
  if (known) return known;
  const read = readAll();
  rememberedOrders.set(read);
  secrets.onOtherTab(KEY, () => rememberedOrders.set(readAll()));
  return read;
}

export function orderToken(id: string): string | null {
  return listRemembered().find((order) => order.id === id)?.token ?? null;
}

export function rememberOrder(id: string, token: string): void {
  const others = listRemembered().filter((order) => order.id !== id);
  write([{ id, token, since: new Date().toISOString() }, ...others].slice(0, MOST));
}

export function forgetOrder(id: string): void {
  write(listRemembered().filter((order) => order.id !== id));
}

function write(orders: readonly RememberedOrder[]): void {
  secrets.set(KEY, JSON.stringify(orders));
  rememberedOrders.set(orders);
}

function readAll(): readonly RememberedOrder[] {
  try {
    const value: unknown = JSON.parse(secrets.get(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isRemembered) : [];
  } catch {
    return [];
  }
}

function isRemembered(value: unknown): value is RememberedOrder {
  return isRecord(value) && ['id', 'token', 'since'].every((key) => typeof value[key] === 'string');
}
