import * as Clipboard from 'expo-clipboard';
import * as Linking from 'expo-linking';

import { apiOrigin, siteOrigin } from '@/env';

/** Address of one of our pages, as others can open it. */
export function absoluteAddress(path: string): string {
  return siteOrigin ? siteOrigin + path : Linking.createURL(path);
}

/** Opens an address of somebody else's in the phone's browser or maps. */
export function openOutside(address: string): void {
  void Linking.openURL(address);
}

/** Hands an address to another app of this device, if one takes it. */
export function openApp(address: string): void {
  Linking.openURL(address).catch(() => undefined);
}

/** Whole pages of the same server that the app does not draw, such as the staff's. */
export function openPage(path: string): void {
  void Linking.openURL(apiOrigin + path);
}

/** True when the text is on the clipboard. */
export function copyText(text: string): Promise<boolean> {
  return Clipboard.setStringAsync(text);
}
