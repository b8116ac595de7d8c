/** The one table of routes: web addresses, native deep links and screens all come from it. It imports nothing. */

export const routes = {
  home: { path: '/', query: [], title: 'Sodas, mixed by robots' },
  stores: { path: '/stores', query: [], title: 'Choose a store' },
  menu: { path: '/s/:store', query: [], title: 'Menu' },
  builder: { path: '/s/:store/:drink', query: ['line'], title: 'Build your drink' },
  cart: { path: '/cart', query: [], title: 'Your cart' },
  checkout: { path: '/checkout', query: [], title: 'Checkout' },
  pay: { path: '/o/:id/pay', query: ['payment_intent', 'redirect_status'], title: 'Pay' },
  order: { path: '/o/:id', query: [], title: 'Your order' },
  orders: { path: '/orders', query: [], title: 'Your orders' },
  cards: { path: '/cards', query: [], title: 'Payment methods' },
  refunds: { path: '/refunds', query: [], title: 'Refunds' },
  account: { path: '/account', query: [], title: 'Account' },
  signUp: { path: '/account/sign-up', query: [], title: 'Make an account' },
  mailbox: { path: '/account/mailbox', query: [], title: 'Look into your mailbox' },
  verify: { path: '/account/verify/:key', query: [], title: 'Confirm your address' },
  forgot: { path: '/account/reset', query: [], title: 'Forgot your password' },
  reset: { path: '/account/reset/:key', query: [], title: 'Choose a new password' },
  security: { path: '/account/security', query: [], title: 'Signing in' },
  password: { path: '/account/password', query: [], title: 'Change your password' },
  email: { path: '/account/email', query: [], title: 'Your e-mail address' },
  twoStep: { path: '/account/two-step', query: [], title: 'Two-step sign-in' },
  devices: { path: '/account/devices', query: [], title: 'Signed-in devices' },
  name: { path: '/account/name', query: [], title: 'Your name' },
  taste: { path: '/account/taste', query: [], title: 'Your taste' },
  messages: { path: '/account/messages', query: [], title: 'Messages' },
  privacy: { path: '/account/privacy', query: [], title: 'Your data' },
  favourites: { path: '/favourites', query: [], title: 'Your favourites' },
  welcome: { path: '/welcome', query: [], title: 'How it works' },
} as const satisfies Record<string, RouteEntry>;

interface RouteEntry {
  path: string;
  query: readonly string[];
  title: string;
}

export type RouteName = keyof typeof routes;
type PathNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathNames<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;
export type RouteParams<Name extends RouteName> = Record<PathNames<(typeof routes)[Name]['path']>, string> &
  Partial<Record<(typeof routes)[Name]['query'][number], string>>;
/** Arguments of a navigation: the params may be left out where a route needs none. */
export type RouteArgs<Name extends RouteName> =
  object extends RouteParams<Name> ? [params?: RouteParams<Name>] : [params: RouteParams<Name>];

export const routeNames = Object.keys(routes) as RouteName[];

/** Address of a route, with its values encoded; values that are not declared are refused by the types. */
export function hrefTo<Name extends RouteName>(name: Name, ...args: RouteArgs<Name>): string {
  const values: Record<string, string | undefined> = { ...args[0] };
  const path = routes[name].path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
  const query = routes[name].query
    .filter((key) => values[key] !== undefined)
    .map((key) => `${key}=${encodeURIComponent(values[key] ?? '')}`);
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

export type Match = { [Name in RouteName]: { name: Name; params: RouteParams<Name> } }[RouteName];

/** The route that an address means, or null. Only declared query keys are taken over. */
export function matchAddress(address: string): Match | null {
  const [beforeHash = ''] = address.split('#');
  const [path = '', search = ''] = beforeHash.split('?');
  const parts = split(path);
  for (const name of routeNames) {
    const values = matchParts(split(routes[name].path), parts);
    if (!values) continue;
    const given = new URLSearchParams(search);
    for (const key of routes[name].query) {
      const value = given.get(key);
      if (value !== null) values[key] = value;
    }
    return { name, params: values } as Match;
  }
  return null;
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function matchParts(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const values: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith(':')) values[expected.slice(1)] = decode(part);
    else if (expected !== part) return null;
  }
  return values;
}

/** A broken escape stays as it is written instead of breaking the page. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The secret of an order link "/o/<id>#<token>"; it stands in the fragment so that it is never sent to a server. */
export function orderLinkSecret(address: string): { id: string; token: string } | null {
  const [before = '', token = ''] = address.split('#');
  const match = matchAddress(before.replace(/^[a-z][a-z0-9+.-]*:\/\/(?=o\/)/i, '/').replace(/^https?:\/\/[^/]+/i, ''));
  return match?.name === 'order' && token !== '' ? { id: match.params.id, token: decode(token) } : null;
}
