import type { PlacedOrder } from '@/api/types';
import { ApiError, NoAnswerError, type PlaceOrder } from '@/lib/api';

import { orderOfCart, placeCart } from './placing';
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

beforeEach(() => secrets.remove('sent'));

test('a second tab and a reload with another price in hand get the order of the first', async () => {
  const { known, send } = server();
  const ways = { send, pause: now };
  const first = await placeCart('cart', body('a'), ways);
  expect(await placeCart('cart', body('b'), ways)).toEqual(first);
  expect(known.size).toBe(1);
  expect(orderOfCart('cart')).toBe('order-a');
  expect(orderOfCart('next cart')).toBeNull();
  expect((await placeCart('next cart', body('c'), ways)).order.id).toBe('order-c');
});

test('of two tabs at the same moment the later one takes the order of the earlier one', async () => {
  const { send } = server();
  await send(body('a'), 'cart');
  const pause = () => {
    secrets.set('sent', JSON.stringify([{ cart: 'cart', body: body('a') }]));
    return Promise.resolve();
  };
  expect((await placeCart('cart', body('b'), { send, pause })).order.id).toBe('order-a');
});

test('who cannot learn of the other tab’s order is told that there is one', async () => {
  const { send } = server();
  await send(body('a'), 'cart');
  await expect(placeCart('cart', body('b'), { send, pause: now })).rejects.toMatchObject({ code: 'quote_used' });
});

test('a lost answer is asked for again with the same request, a refusal may be followed by a new one', async () => {
  const { send } = server();
  const lost = () => Promise.reject(new NoAnswerError('timeout'));
  await expect(placeCart('cart', body('a'), { send: lost, pause: now })).rejects.toThrow();
  expect((await placeCart('cart', body('b'), { send, pause: now })).order.id).toBe('order-a');
  const refused = () => Promise.reject(refusal(409, 'quote_changed'));
  await expect(placeCart('other', body('c'), { send: refused, pause: now })).rejects.toThrow();
  expect((await placeCart('other', body('d'), { send, pause: now })).order.id).toBe('order-d');
});
