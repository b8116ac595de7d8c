import { createContext, useContext } from 'react';

import type { RouteArgs, RouteName, RouteParams } from '@/navigation/routes';

export type { RouteName, RouteParams } from '@/navigation/routes';

/** Moving between screens. Screens know this and no router; navigation.web and navigation.native provide it. */
export interface Nav {
  go<Name extends RouteName>(name: Name, ...args: RouteArgs<Name>): void;
  /** Goes there without keeping the present screen in the history. */
  replace<Name extends RouteName>(name: Name, ...args: RouteArgs<Name>): void;
  /** One screen back; where there is none (a link opened the app), to the given route. */
  back(fallback: RouteName): void;
}

/** What every screen gets. */
export interface ScreenProps<Name extends RouteName> {
  params: RouteParams<Name>;
}

export const NavContext = createContext<Nav | null>(null);

export function useNav(): Nav {
  const nav = useContext(NavContext);
  if (!nav) throw new Error('useNav needs the navigation around it');
  return nav;
}
