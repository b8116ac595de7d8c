import type { ConfigContext, ExpoConfig } from 'expo/config';

import { readEnvironment } from './env-schema.ts';

const environment = readEnvironment(process.env);
const site = environment.EXPO_PUBLIC_SITE_ORIGIN || environment.EXPO_PUBLIC_API_ORIGIN;
const host = site ? new URL(site).host : null;

/** Only https sites can vouch for an app, so only those become links of the system. */
const linkedHost = host && site.startsWith('https:') ? host : null;

export default ({ config }: ConfigContext): ExpoConfig => ({
  ...config,
  name: 'CodePop',
  slug: 'codepop',
  version: '0.1.0',
  scheme: 'codepop',
  orientation: 'portrait',
  userInterfaceStyle: 'automatic',
  icon: './assets/icon.png',
  backgroundColor: '#FFF8EF',
  ios: {
    bundleIdentifier: 'com.codepop.app',
    supportsTablet: true,
    ...(linkedHost ? { associatedDomains: [`applinks:${linkedHost}`] } : {}),
  },
  android: {
    package: 'com.codepop.app',
    adaptiveIcon: { foregroundImage: './assets/icon-foreground.png', backgroundColor: '#C91558' },
    ...(linkedHost
      ? {
          intentFilters: [
            {
              action: 'VIEW',
              autoVerify: true,
              data: ['/o/', '/account/verify/', '/account/reset/'].map((pathPrefix) => ({
                scheme: 'https',
                host: linkedHost,
                pathPrefix,
              })),
              category: ['BROWSABLE', 'DEFAULT'],
            },
          ],
        }
      : {}),
  },
  web: { bundler: 'metro', output: 'single', lang: 'en', name: 'CodePop' },
  plugins: [
    'expo-font',
    'expo-secure-store',
    ['expo-splash-screen', { backgroundColor: '#FFF8EF', image: './assets/icon.png', imageWidth: 160 }],
    [
      'expo-location',
      { locationWhenInUsePermission: 'CodePop looks for stores near you when you ask it to. It keeps no track of you.' },
    ],
    [
      '@stripe/stripe-react-native',
      { enableGooglePay: true, merchantIdentifier: environment.APPLE_MERCHANT_ID ?? 'merchant.com.codepop.app' },
    ],
  ],
});
