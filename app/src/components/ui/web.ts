import { Platform, type GestureResponderEvent, type View } from 'react-native';

export interface KeyPress {
  key: string;
  repeat?: boolean;
  preventDefault: () => void;
}

interface Keyed {
  onKeyDown?: (event: KeyPress) => void;
}

/** Space, too, presses what browsers have as checkbox, switch or radio; React Native Web knows it for buttons only. */
export function onSpace(press: () => void, extra: Keyed = {}): object {
  return onWeb({
    onKeyDown: (event: KeyPress) => {
      extra.onKeyDown?.(event);
      if (event.key !== ' ') return;
      event.preventDefault();
      if (event.repeat !== true) press();
    },
  });
}

/** The second click of a double click, wherever it lands: the first may have brought something else there. */
export function isDoubled(event: GestureResponderEvent): boolean {
  const { detail } = event.nativeEvent as { detail?: unknown };
  return typeof detail === 'number' && detail > 1;
}

/** Attributes that only a browser knows; on the phones nothing. */
export function onWeb(attributes: Record<string, unknown>): object {
  return Platform.OS === 'web' ? attributes : {};
}

/** Something one may tap, but not reach by the keyboard: what lies behind a sheet. */
export function onTap(act: () => void): object {
  return Platform.OS === 'web' ? { onClick: act } : { onTouchEnd: act };
}

/** A `data-` attribute for the base stylesheet. */
export function mark(name: string, value = 'yes'): object {
  return onWeb({ dataSet: { [name]: value } });
}

/** Tells a browser that a part is off, and no more: its own `disabled`, which React Native Web adds, takes the focus away. */
export function sayOff(part: View | null, off: boolean): void {
  if (Platform.OS !== 'web' || part === null) return;
  const element = part as unknown as Element;
  if (off) element.setAttribute('aria-disabled', 'true');
  else element.removeAttribute('aria-disabled');
}

const STEP: Partial<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, Home: 1, ArrowLeft: -1, ArrowUp: -1, End: -1 };

/** Arrow keys, Home and End move inside a group of `count`, as radio groups do, over those that are off. */
export function onArrowKeys(
  index: number,
  count: number,
  move: (to: number) => void,
  isOff: (index: number) => boolean = () => false,
): object {
  return onWeb({
    onKeyDown: (event: KeyPress) => {
      const step = STEP[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const from = event.key === 'Home' ? -1 : event.key === 'End' ? count : index;
      let to = (from + step + count) % count;
      for (let left = count - 1; left > 0 && isOff(to); left -= 1) to = (to + step + count) % count;
      move(to);
    },
  });
}

interface Modifiers {
  altKey?: boolean;
  ctrlKey?: boolean;
  metaKey?: boolean;
  shiftKey?: boolean;
}

/** Not one of the clicks by which a browser opens a link elsewhere. */
export function isPlainClick(event: GestureResponderEvent): boolean {
  const { altKey, ctrlKey, metaKey, shiftKey } = event.nativeEvent as Modifiers;
  return altKey !== true && ctrlKey !== true && metaKey !== true && shiftKey !== true;
}
