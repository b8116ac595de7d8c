/** Address of one of our pages, as others can open it. */
export function absoluteAddress(path: string): string {
  return window.location.origin + path;
}

/** Opens an address of somebody else's in a new tab. */
export function openOutside(address: string): void {
  window.open(address, '_blank', 'noopener,noreferrer');
}

/** Hands an address to another app of this device, if one takes it. */
export function openApp(address: string): void {
  window.location.assign(address);
}

/** Whole pages of the same server that the app does not draw, such as the staff's. */
export function openPage(path: string): void {
  window.location.assign(path);
}

/** True when the text is on the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
