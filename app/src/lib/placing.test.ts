import type { PlacedOrder } from '@/api/types';
import { ApiError, NoAnswerError, type PlaceOrder } from '@/lib/api';

import { orderedAs } from './ordered-carts';
import { placeCart } from './placing';
import { secrets } from './storage';

/** The server's rule: one key, one request, one order; the same again gets the same answer. */
function server() {
  const known = new Map<string, string>();
  const send = (body: PlaceOrder, key: string): Promise<PlacedOrder> => {
    const text = JSON.stringify(body);
    if ((known.get(key) ?? text) !== text) return Promise.reject(refusal(422, 'idempotency_key_reused'));
    known.set(key, text);
    return Promise.resolve({ order: { id: `order-${body.quote_id}` }, order_token: 'secret' } as unknown as PlacedOrder);
  };
  return { known, send };
}

function refusal(status: number, code: string): ApiError {
  return new ApiError({ status, code, message: '', fields: {}, body: null });
}

const now = () => Promise.resolve();
const body = (quote: string): PlaceOrder => ({ quote_id: quote, pickup: null });

/** Another tab wrote these values of its own accord. */
function otherTabWrites(values: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(values)) {
    const name = `codepop.secret.${key}`;
    window.localStorage.setItem(name, JSON.stringify(value));
    window.dispatchEvent(new StorageEvent('storage', { key: name }));
  }
}

beforeEach(() => otherTabWrites({ sent: [], ordered: [] }));

test('a second tab and a reload with another price in hand get the order of the first', async () => {
  const { known, send } = server();
  const ways = { send, pause: now };
  const first = await placeCart('cart', body('a'), ways);
  expect(first.earlier).toBe(false);
  expect(await placeCart('cart', body('b'), ways)).toEqual({ placed: first.placed, earlier: true });
  expect(known.size).toBe(1);
  expect(orderedAs('cart')?.order).toBe('order-a');
  expect(orderedAs('next cart')).toBeNull();
  expect((await placeCart('next cart', body('c'), ways)).placed.order.id).toBe('order-c');
});

test('of two tabs at the same moment the later one takes the order of the earlier one', async () => {
  const { send } = server();
  await send(body('a'), 'cart');
  const pause = () => {
    secrets.set('sent', JSON.stringify([{ cart: 'cart', bodies: [body('a')] }]));
    return Promise.resolve();
  };
  expect((await placeCart('cart', body('b'), { send, pause })).placed.order.id).toBe('order-a');
});

test('the order of the earlier tab is found also when what that tab had sent was written over', async () => {
  const { send } = server();
  await send(body('a'), 'cart');
  const pause = () => {
    otherTabWrites({ ordered: [{ cart: 'cart', order: 'order-a', body: body('a') }], sent: [] });
    return Promise.resolve();
  };
  expect((await placeCart('cart', body('b'), { send, pause })).placed.order.id).toBe('order-a');
});

test('a tab whose own request is refused leaves alone what another one learned meanwhile', async () => {
  const { send } = server();
  const slow = async (sent: PlaceOrder, key: string) => {
    otherTabWrites({ ordered: [{ cart: 'cart', order: 'order-a', body: body('a') }] });
    await send(sent, key);
    throw refusal(422, 'validation_failed');
  };
  await expect(placeCart('cart', body('b'), { send: slow, pause: now })).rejects.toThrow();
  expect(orderedAs('cart')?.order).toBe('order-a');
});

test('who cannot learn of the other tab’s order is told that there is one', async () => {
  const { send } = server();
  await send(body('a'), 'cart');
  await expect(placeCart('cart', body('b'), { send, pause: now })).rejects.toMatchObject({ code: 'quote_used' });
});

test('a request whose answer was lost is found again, also after another choice in the form', async () => {
  const { known, send } = server();
  const lostAfter = async (sent: PlaceOrder, key: string) => {
    await send(sent, key);
    throw new NoAnswerError('timeout');
  };
  await expect(placeCart('cart', body('a'), { send: lostAfter, pause: now })).rejects.toThrow();
  const found = await placeCart('cart', body('b'), { send, pause: now });
  expect([found.placed.order.id, found.earlier, known.size]).toEqual(['order-a', true, 1]);
});

test('what never arrived is forgotten once the form, as it is now, was ordered', async () => {
  const { send } = server();
  const lost = () => Promise.reject(new NoAnswerError('timeout'));
  await expect(placeCart('cart', body('a'), { send: lost, pause: now })).rejects.toThrow();
  const made = await placeCart('cart', body('b'), { send, pause: now });
  expect([made.placed.order.id, made.earlier]).toEqual(['order-b', false]);
});

test('a refusal of a later request keeps the earlier one, which may have arrived', async () => {
  const { send } = server();
  const lostAfter = async (sent: PlaceOrder, key: string) => {
    await send(sent, key);
    throw new NoAnswerError('timeout');
  };
  await expect(placeCart('cart', body('a'), { send: lostAfter, pause: now })).rejects.toThrow();
  const invalid = () => Promise.reject(refusal(422, 'validation_failed'));
  await expect(placeCart('cart', body('b'), { send: invalid, pause: now })).rejects.toThrow();
  expect((await placeCart('cart', body('c'), { send, pause: now })).placed.order.id).toBe('order-a');
});

test('a refusal may be followed by a new request', async () => {
  const { send } = server();
  const refused = () => Promise.reject(refusal(409, 'quote_changed'));
  await expect(placeCart('other', body('c'), { send: refused, pause: now })).rejects.toThrow();
  expect((await placeCart('other', body('d'), { send, pause: now })).placed.order.id).toBe('order-d');
});
