import { hrefTo, matchAddress, orderLinkSecret, routeNames, routes } from './routes';

test('every address leads back to its own route', () => {
  for (const name of routeNames) {
    const address = routes[name].path.replace(/:(\w+)/g, 'some-$1');
    expect(matchAddress(address)?.name).toBe(name);
  }
});

test('values survive the address, strange ones too', () => {
  const address = hrefTo('builder', { store: 'main street/1', drink: 'crème?', line: 'a&b' });
  expect(matchAddress(address)).toEqual({
    name: 'builder',
    params: { store: 'main street/1', drink: 'crème?', line: 'a&b' },
  });
});

test('undeclared query keys and fragments are left out', () => {
  expect(matchAddress('/o/7/pay?payment_intent=pi_1&payment_intent_client_secret=x#top')).toEqual({
    name: 'pay',
    params: { id: '7', payment_intent: 'pi_1' },
  });
});

test('unknown addresses and broken escapes break nothing', () => {
  expect(matchAddress('/nowhere/at/all')).toBeNull();
  expect(matchAddress('/s/%E0%A4%A')).toEqual({ name: 'menu', params: { store: '%E0%A4%A' } });
});

test('the secret of an order link is read from its fragment only', () => {
  const secret = { id: '0190', token: 'tok' };
  expect(orderLinkSecret('/o/0190#tok')).toEqual(secret);
  expect(orderLinkSecret('https://order.example.com/o/0190#tok')).toEqual(secret);
  expect(orderLinkSecret('codepop://o/0190#tok')).toEqual(secret);
  expect(orderLinkSecret('/o/0190?token=tok')).toBeNull();
  expect(orderLinkSecret('/cart#tok')).toBeNull();
});
