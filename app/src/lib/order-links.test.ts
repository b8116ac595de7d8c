import type { Order } from '@/api/types';

import { ApiError } from './api';
import { takeOrderSecret } from './order-links';
import { orderToken, rememberedOrders, rememberOrder } from './order-tokens';
import { secrets } from './storage';

beforeEach(() => {
  secrets.remove('orders');
  rememberedOrders.set(null);
});

test('a link gives its secret to a device that knows none', () => {
  takeOrderSecret({ id: '1', token: 'secret' });
  expect(orderToken('1')).toBe('secret');
});

test('a secret that opens the order is not lost to one that does not', async () => {
  rememberOrder('1', 'right');
  const refused = new ApiError({ status: 404, code: 'not_found', message: '', fields: {}, body: null });
  takeOrderSecret({ id: '1', token: 'wrong' }, () => Promise.reject(refused));
  await Promise.resolve();
  expect(orderToken('1')).toBe('right');
  takeOrderSecret({ id: '1', token: 'newer' }, () => Promise.resolve({ id: '1', version: 1 } as Order));
  await new Promise((resolve) => setTimeout(resolve));
  expect(orderToken('1')).toBe('newer');
});
