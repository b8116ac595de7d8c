import { lazy, type ComponentType } from 'react';

import MenuScreen from '@/features/menu/menu-screen';
import StoresScreen from '@/features/stores/stores-screen';
import type { ScreenProps } from '@/lib/nav';

import HomeScreen from './home-screen';
import type { RouteName } from './routes';

type First = 'home' | 'stores' | 'menu';
type Loader<Name extends RouteName> = () => Promise<{ default: ComponentType<ScreenProps<Name>> }>;

/** From a drink to its door, in one download. */
const ordering = () => import('./order-screens');

/** Everything about an account, in one download. */
const own = () => import('./own-screens');

/** Screens that come when they are first needed. Those that most visits begin with are in the first download. */
const loaders: { [Name in Exclude<RouteName, First>]: Loader<Name> } = {
  builder: async () => ({ default: (await ordering()).builder }),
  cart: async () => ({ default: (await ordering()).cart }),
  checkout: async () => ({ default: (await ordering()).checkout }),
  pay: async () => ({ default: (await ordering()).pay }),
  order: async () => ({ default: (await ordering()).order }),
  orders: async () => ({ default: (await ordering()).orders }),
  cards: async () => ({ default: (await ordering()).cards }),
  refunds: async () => ({ default: (await ordering()).refunds }),
  account: async () => ({ default: (await own()).account }),
  signUp: async () => ({ default: (await own()).signUp }),
  mailbox: async () => ({ default: (await own()).mailbox }),
  verify: async () => ({ default: (await own()).verify }),
  forgot: async () => ({ default: (await own()).forgot }),
  reset: async () => ({ default: (await own()).reset }),
  security: async () => ({ default: (await own()).security }),
  password: async () => ({ default: (await own()).password }),
  email: async () => ({ default: (await own()).email }),
  twoStep: async () => ({ default: (await own()).twoStep }),
  devices: async () => ({ default: (await own()).devices }),
  name: async () => ({ default: (await own()).name }),
  taste: async () => ({ default: (await own()).taste }),
  messages: async () => ({ default: (await own()).messages }),
  privacy: async () => ({ default: (await own()).privacy }),
  favourites: async () => ({ default: (await own()).favourites }),
  welcome: async () => ({ default: (await own()).welcome }),
};

export const screens: { [Name in RouteName]: ComponentType<ScreenProps<Name>> } = {
  home: HomeScreen,
  stores: StoresScreen,
  menu: MenuScreen,
  builder: lazy(loaders.builder),
  cart: lazy(loaders.cart),
  checkout: lazy(loaders.checkout),
  pay: lazy(loaders.pay),
  order: lazy(loaders.order),
  orders: lazy(loaders.orders),
  cards: lazy(loaders.cards),
  refunds: lazy(loaders.refunds),
  account: lazy(loaders.account),
  signUp: lazy(loaders.signUp),
  mailbox: lazy(loaders.mailbox),
  verify: lazy(loaders.verify),
  forgot: lazy(loaders.forgot),
  reset: lazy(loaders.reset),
  security: lazy(loaders.security),
  password: lazy(loaders.password),
  email: lazy(loaders.email),
  twoStep: lazy(loaders.twoStep),
  devices: lazy(loaders.devices),
  name: lazy(loaders.name),
  taste: lazy(loaders.taste),
  messages: lazy(loaders.messages),
  privacy: lazy(loaders.privacy),
  favourites: lazy(loaders.favourites),
  welcome: lazy(loaders.welcome),
};

/** Fetches a screen before it is asked for. A failure shows when the screen really is opened. */
export function preload(name: RouteName): void {
  if (name in loaders) loaders[name as keyof typeof loaders]().catch(() => undefined);
}
