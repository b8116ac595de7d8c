import { isRecord, readSecretList } from './json';
import { secrets } from './storage';
import { createStore } from './store';

/** What a device remembers of an order: the key to it and enough to list it. */
export interface RememberedOrder {
  id: string;
  token: string;
  /** RFC 3339, when this device learned of it. */
  since: string;
  /** Of the account that is signed in: kept for the link that one may give away, and gone with the session. */
  own?: true;
}

const KEY = 'orders';
const MOST = 30;

/** All whose secret this device holds, newest first. */
export const rememberedOrders = createStore<readonly RememberedOrder[] | null>(null);

/** The orders of guests on this device, newest first. */
export function listRemembered(): readonly RememberedOrder[] {
  return listAll().filter((order) => !order.own);
}

function listAll(): readonly RememberedOrder[] {
  const known = rememberedOrders.get();
  if (known) return known;
  const read = readSecretList(KEY, isRemembered);
  rememberedOrders.set(read);
  secrets.onOtherTab(KEY, () => rememberedOrders.set(readSecretList(KEY, isRemembered)));
  return read;
}

export function orderToken(id: string): string | null {
  return find(id)?.token ?? null;
}

function find(id: string): RememberedOrder | undefined {
  return listAll().find((order) => order.id === id);
}

/** Keeps the secret of an order: for good when a guest made it, else (`own`) as long as its person is signed in. */
export function rememberOrder(id: string, token: string, { own = false }: { own?: boolean } = {}): void {
  const others = listAll().filter((order) => order.id !== id);
  const alike = others.filter((order) => Boolean(order.own) === own).slice(0, MOST - 1);
  const rest = others.filter((order) => Boolean(order.own) !== own);
  write([{ id, token, since: new Date().toISOString(), ...(own ? { own } : {}) }, ...alike, ...rest]);
}

/** An order that is made again is opened by the first one's secret. */
export function rememberRemake(id: string, of: string): void {
  const known = find(of);
  if (known) rememberOrder(id, known.token, { own: Boolean(known.own) });
}

export function forgetOrder(id: string): void {
  write(listAll().filter((order) => order.id !== id));
}

/** Nobody is signed in any more, or somebody else. */
export function forgetOwnOrders(): void {
  if (listAll().some((order) => order.own)) write(listRemembered());
}

function write(orders: readonly RememberedOrder[]): void {
  secrets.set(KEY, JSON.stringify(orders));
  rememberedOrders.set(orders);
}

function isRemembered(value: unknown): value is RememberedOrder {
  return isRecord(value) && ['id', 'token', 'since'].every((key) => typeof value[key] === 'string');
}
