import { useImperativeHandle, useLayoutEffect, useRef, type ReactNode, type Ref } from 'react';
import { Platform, Pressable, type GestureResponderEvent, type Role, type View, type ViewStyle } from 'react-native';

import { isDoubled, isPlainClick, mark, onSpace, onWeb, sayOff } from './web';

export interface PressProps {
  children: ReactNode;
  onPress: () => void;
  label?: string;
  role?: Role;
  disabled?: boolean;
  /** Works on what was pressed: not pressable until that is done. */
  busy?: boolean;
  checked?: boolean;
  selected?: boolean;
  expanded?: boolean;
  tabIndex?: 0 | -1;
  ref?: Ref<View>;
  /** Where it leads: on the web a real link then, that opens in a new tab when one wants that. */
  href?: string;
  /** Leaves out the second click of a double click. Not for what one presses again and again, as to count. */
  once?: boolean;
  /** Keyboard handlers and the like, see web.ts. */
  extra?: object;
  style: (state: { pressed: boolean }) => ViewStyle;
}

const SPACED: readonly Role[] = ['checkbox', 'switch', 'radio'];

/**
 * Everything that can be pressed. Keeps a role, a name, a state and a visible focus.
 *
 * While it is off it only says so and ignores presses: a browser takes the focus from a part that is `disabled` natively, and
 * whoever pressed it by the keyboard would start again at the top of the page.
 */
export function Press({ ref, ...props }: PressProps) {
  const off = props.disabled === true || props.busy === true;
  const node = useRef<View>(null);
  useImperativeHandle(ref, () => node.current as View, []);
  useLayoutEffect(() => sayOff(node.current, off), [off]);
  const act = () => !off && props.onPress();
  const press = (event: GestureResponderEvent) => {
    if (props.href !== undefined && !isPlainClick(event)) return;
    if (props.href !== undefined) event.preventDefault();
    if (!(props.once && isDoubled(event))) act();
  };
  const spaced = props.role !== undefined && SPACED.includes(props.role);
  return (
    <Pressable
      ref={node}
      aria-busy={props.busy}
      aria-checked={props.checked}
      aria-expanded={props.expanded}
      aria-label={props.label}
      aria-selected={props.selected}
      disabled={off && Platform.OS !== 'web'}
      onPress={press}
      role={props.role ?? (props.href === undefined ? 'button' : 'link')}
      style={({ pressed }) => props.style({ pressed: pressed && !off })}
      tabIndex={props.tabIndex}
      {...mark('press')}
      {...onWeb({ href: props.href })}
      {...props.extra}
      {...(spaced && onSpace(act, props.extra))}
    >
      {props.children}
    </Pressable>
  );
}
