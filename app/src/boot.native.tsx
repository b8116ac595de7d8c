import { registerRootComponent } from 'expo';
import * as SplashScreen from 'expo-splash-screen';
import { useEffect, useState } from 'react';

import { useBrandFont } from '@/theme';

import { App } from './app';
import { openStorage } from './lib/storage';

void SplashScreen.preventAutoHideAsync();

/** The first screen needs what the device remembers and the brand's face; the splash screen stays until both are there. */
function Boot() {
  const hasFont = useBrandFont();
  const [hasStorage, setHasStorage] = useState(false);
  useEffect(() => {
    void openStorage().finally(() => setHasStorage(true));
  }, []);
  const ready = hasFont && hasStorage;
  useEffect(() => {
    if (ready) void SplashScreen.hideAsync();
  }, [ready]);
  return ready ? <App /> : null;
}

registerRootComponent(Boot);
