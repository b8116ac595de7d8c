import { forgetOwnOrders, listRemembered, orderToken, rememberedOrders, rememberOrder, rememberRemake } from './order-tokens';
import { secrets } from './storage';

beforeEach(() => {
  secrets.remove('orders');
  rememberedOrders.set(null);
});

test('an account’s orders go with its session, a guest’s stay', () => {
  rememberOrder('guest', 'one');
  rememberOrder('own', 'two', { own: true });
  rememberRemake('again', 'own');
  expect([orderToken('own'), orderToken('again')]).toEqual(['two', 'two']);
  expect(listRemembered().map(({ id }) => id)).toEqual(['guest']);
  forgetOwnOrders();
  expect([orderToken('own'), orderToken('again'), orderToken('guest')]).toEqual([null, null, 'one']);
  expect(secrets.get('orders')).not.toContain('two');
});

test('many orders of an account push none of a guest’s out', () => {
  rememberOrder('guest', 'one');
  for (let number = 0; number < 40; number += 1) rememberOrder(`own-${number}`, 'two', { own: true });
  expect(orderToken('guest')).toBe('one');
  expect(orderToken('own-39')).toBe('two');
  expect(orderToken('own-0')).toBeNull();
});
