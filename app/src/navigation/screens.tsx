import { lazy, type ComponentType } from 'react';

import type { ScreenProps } from '@/lib/nav';

import type { RouteName } from './routes';

type Loader<Name extends RouteName> = () => Promise<{ default: ComponentType<ScreenProps<Name>> }>;

/** Each screen is a file of its own in the download; it comes when it is first needed. */
const loaders: { [Name in RouteName]: Loader<Name> } = {
  home: () => import('./home-screen'),
  stores: () => import('@/features/stores/stores-screen'),
  menu: () => import('@/features/menu/menu-screen'),
  builder: () => import('@/features/builder/builder-screen'),
  cart: () => import('@/features/cart/cart-screen'),
  checkout: () => import('@/features/checkout/checkout-screen'),
  pay: () => import('@/features/checkout/pay-screen'),
  order: () => import('@/features/order/order-screen'),
  orders: () => import('@/features/orders/orders-screen'),
  account: () => import('@/features/account/account-screen'),
};

export const screens: { [Name in RouteName]: ComponentType<ScreenProps<Name>> } = {
  home: lazy(loaders.home),
  stores: lazy(loaders.stores),
  menu: lazy(loaders.menu),
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
  loaders[name]().catch(() => undefined);
}
