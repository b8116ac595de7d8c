import {
  NavigationContainer, StackActions, useNavigation, type LinkingOptions, type ParamListBase, type RouteProp,
} from '@react-navigation/native';
import { createNativeStackNavigator, type NativeStackNavigationProp } from '@react-navigation/native-stack';
import * as Linking from 'expo-linking';
import { Suspense, useMemo, type ComponentType, type ReactNode } from 'react';

import { siteOrigin } from '@/env';
import { NavContext, type Nav } from '@/lib/nav';
import { takeOrderSecret } from '@/lib/order-links';
import { useTheme } from '@/theme';

import { orderLinkSecret, routeNames, routes, type RouteName } from './routes';
import { ScreenBoundary } from './screen-boundary';
import { screens } from './screens';

const Stack = createNativeStackNavigator<ParamListBase>();

/** Deep links from the same table: "codepop://o/1" and "https://<site>/o/1" open the order. */
const linking: LinkingOptions<ParamListBase> = {
  prefixes: ['codepop://', ...(siteOrigin ? [siteOrigin] : [])],
  config: { screens: Object.fromEntries(routeNames.map((name) => [name, routes[name].path.slice(1)])) },
  getInitialURL: async () => withoutSecret(await Linking.getInitialURL()),
  subscribe: (listener) => {
    const subscription = Linking.addEventListener('url', ({ url }) => listener(withoutSecret(url) ?? url));
    return () => subscription.remove();
  },
};

/** An opened order link gives its secret to this device; what goes on carries it no more. */
function withoutSecret(url: string | null): string | null {
  if (url === null) return null;
  const secret = orderLinkSecret(url);
  if (secret) takeOrderSecret(secret);
  return url.split('#')[0] ?? null;
}

/** The phones' navigation: React Navigation's native stack. */
export function Navigation({ frame: Frame }: { frame: ComponentType<{ children: ReactNode }> }) {
  const { color, isDark } = useTheme();
  return (
    <Frame>
      <NavigationContainer linking={linking}>
        <Stack.Navigator
          initialRouteName="home"
          screenOptions={{
            headerShown: false,
            contentStyle: { backgroundColor: color.paper },
            statusBarStyle: isDark ? 'light' : 'dark',
          }}
        >
          {routeNames.map((name) => (
            <Stack.Screen key={name} name={name}>
              {hosts[name]}
            </Stack.Screen>
          ))}
        </Stack.Navigator>
      </NavigationContainer>
    </Frame>
  );
}

interface HostProps {
  route: RouteProp<ParamListBase>;
}

type HostOf = (props: HostProps) => ReactNode;
const hosts = Object.fromEntries(
  routeNames.map((name) => [name, ({ route }: HostProps) => <Host name={name} route={route} />]),
) as Record<RouteName, HostOf>;

/** One entry of the stack: a screen of our own, which knows nothing of it. */
function Host({ name, route }: HostProps & { name: RouteName }) {
  const nav = useStackNav();
  const Found = screens[name] as ComponentType<{ params: object }>;
  return (
    <NavContext value={nav}>
      <ScreenBoundary address={route.key} onHome={() => nav.replace('home')}>
        <Suspense>
          <Found params={route.params ?? {}} />
        </Suspense>
      </ScreenBoundary>
    </NavContext>
  );
}

function useStackNav(): Nav {
  const stack = useNavigation<NativeStackNavigationProp<ParamListBase>>();
  return useMemo<Nav>(
    () => ({
      go: (name, ...args) => stack.dispatch(StackActions.push(name, args[0])),
      replace: (name, ...args) => stack.dispatch(StackActions.replace(name, args[0])),
      back: (fallback) => (stack.canGoBack() ? stack.goBack() : stack.dispatch(StackActions.replace(fallback))),
    }),
    [stack],
  );
}
