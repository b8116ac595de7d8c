import { lazy, type ComponentType } from 'react';

import MenuScreen from '@/features/menu/menu-screen';
import StoresScreen from '@/features/stores/stores-screen';
import type { ScreenProps } from '@/lib/nav';

import HomeScreen from './home-screen';
import type { RouteName } from './routes';

type First = 'home' | 'stores' | 'menu';
type Loader<Name extends RouteName> = () => Promise<{ default: ComponentType<ScreenProps<Name>> }>;

/** Screens that come when they are first needed. Those that most visits begin with are in the first download. */
const loaders: { [Name in Exclude<RouteName, First>]: Loader<Name> } = {
  builder: () => import('@/features/builder/builder-screen'),
  cart: () => import('@/features/cart/cart-screen'),
  checkout: () => import('@/features/checkout/checkout-screen'),
  pay: () => import('@/features/checkout/pay-screen'),
  order: () => import('@/features/order/order-screen'),
  orders: () => import('@/features/orders/orders-screen'),
  account: () => import('@/features/account/account-screen'),
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
  account: lazy(loaders.account),
};

/** Fetches a screen before it is asked for. A failure shows when the screen really is opened. */
export function preload(name: RouteName): void {
  if (name in loaders) loaders[name as keyof typeof loaders]().catch(() => undefined);
}
