import AsyncStorage from '@react-native-async-storage/async-storage';
import * as SecureStore from 'expo-secure-store';

import type { KeptValues } from './storage-types';

export type { KeptValues } from './storage-types';

const PREFIX = 'codepop.';
/** There are no other tabs here. */
const alone = () => () => undefined;
const loaded = new Map<string, string>();

/** Plain values of this device: the chosen store, the cart. Valid after `openStorage`. */
export const storage: KeptValues = {
  get: (key) => loaded.get(key) ?? null,
  set: (key, value) => {
    loaded.set(key, value);
    void AsyncStorage.setItem(PREFIX + key, value);
  },
  remove: (key) => {
    loaded.delete(key);
    void AsyncStorage.removeItem(PREFIX + key);
  },
  onOtherTab: alone,
};

/** Secrets of this device, in the system's key store: the session and the tokens of guests' orders. */
export const secrets: KeptValues = {
  get: (key) => SecureStore.getItem(secretName(key)),
  set: (key, value) => SecureStore.setItem(secretName(key), value),
  remove: (key) => void SecureStore.deleteItemAsync(secretName(key)),
  onOtherTab: alone,
};

/** The key store allows letters, digits, ".", "-" and "_" in names. */
function secretName(key: string): string {
  return PREFIX + key.replace(/[^\w.-]/g, '_');
}

/** Reads all plain values into memory; the app waits for it before its first screen. */
export async function openStorage(): Promise<void> {
  const names = (await AsyncStorage.getAllKeys()).filter((name) => name.startsWith(PREFIX));
  for (const [name, value] of await AsyncStorage.multiGet(names)) {
    if (value !== null) loaded.set(name.slice(PREFIX.length), value);
  }
}
