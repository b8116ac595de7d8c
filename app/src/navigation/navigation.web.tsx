import { Suspense, useEffect, useRef, type ComponentType, type ReactNode } from 'react';
import { navigate, useHistoryState, usePathname, useSearch } from 'wouter/use-browser-location';

import { NavContext, type Nav } from '@/lib/nav';
import { takeOrderSecret } from '@/lib/order-links';

import { keepFocus, takeFocus } from './keep-focus';
import { hrefTo, matchAddress, orderLinkSecret, routes, type Match, type RouteName } from './routes';
import { ScreenBoundary } from './screen-boundary';
import { screens } from './screens';

/** Marks the entries that we put into the history, so that "back" never leaves CodePop by accident. */
const OURS = { codepop: true };

const nav: Nav = {
  go: (name, ...args) => navigate(hrefTo(name, ...args), { state: OURS }),
  replace: (name, ...args) => navigate(hrefTo(name, ...args), { replace: true, state: window.history.state as unknown }),
  back: (fallback) => {
    const state: unknown = window.history.state;
    if (typeof state === 'object' && state !== null && 'codepop' in state) window.history.back();
    else navigate(fallbackAddress(fallback), { replace: true });
  },
};

function fallbackAddress(name: RouteName): string {
  const path = routes[name].path;
  return path.includes(':') ? routes.home.path : path;
}

/** The browser's navigation: addresses from the table, history by wouter. */
export function Navigation({ frame: Frame }: { frame: ComponentType<{ children: ReactNode }> }) {
  useHistoryState();
  const path = usePathname();
  const search = useSearch();
  takeOrderLink();
  const address = path + search;
  const match = matchAddress(address) ?? { name: 'home' as const, params: {} };
  useArrival(match.name, path);
  useEffect(keepFocus, []);
  return (
    <NavContext value={nav}>
      <Frame>
        <ScreenBoundary address={address} onHome={() => nav.replace('home')}>
          <Suspense>
            <Shown key={path} match={match} />
          </Suspense>
        </ScreenBoundary>
      </Frame>
    </NavContext>
  );
}

function Shown({ match }: { match: Match }) {
  // The table pairs each name with the screen of that name; the compiler can't see it across the union.
  const Found = screens[match.name] as ComponentType<{ params: Match['params'] }>;
  return <Found params={match.params} />;
}

/** An opened order link gives its secret to this device, and the address bar forgets it. */
function takeOrderLink(): void {
  const secret = orderLinkSecret(window.location.pathname + window.location.hash);
  if (!secret) return;
  takeOrderSecret(secret);
  window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
}

/** Says where one is: the title, and for keyboards and screen readers the focus at the top of the new screen. */
function useArrival(name: RouteName, path: string): void {
  const first = useRef(true);
  useEffect(() => {
    document.title = `${routes[name].title} · CodePop`;
    if (first.current) first.current = false;
    else takeFocus();
  }, [name, path]);
}
