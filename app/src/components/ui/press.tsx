import type { ReactNode, Ref } from 'react';
import { Pressable, type GestureResponderEvent, type Role, type View, type ViewStyle } from 'react-native';

import { isPlainClick, mark, onWeb } from './web';

export interface PressProps {
  children: ReactNode;
  onPress: () => void;
  label?: string;
  role?: Role;
  disabled?: boolean;
  busy?: boolean;
  checked?: boolean;
  selected?: boolean;
  expanded?: boolean;
  tabIndex?: 0 | -1;
  ref?: Ref<View>;
  /** Where it leads: on the web a real link then, that opens in a new tab when one wants that. */
  href?: string;
  /** Keyboard handlers and the like, see web.ts. */
  extra?: object;
  style: (state: { pressed: boolean }) => ViewStyle;
}

/** Everything that can be pressed. Keeps a role, a name, a state and a visible focus. */
export function Press({ ref, ...props }: PressProps) {
  const press = (event: GestureResponderEvent) => {
    if (props.href !== undefined && !isPlainClick(event)) return;
    if (props.href !== undefined) event.preventDefault();
    props.onPress();
  };
  return (
    <Pressable
      ref={ref}
      aria-busy={props.busy}
      aria-checked={props.checked}
      aria-disabled={props.disabled}
      aria-expanded={props.expanded}
      aria-label={props.label}
      aria-selected={props.selected}
      disabled={props.disabled}
      onPress={press}
      role={props.role ?? (props.href === undefined ? 'button' : 'link')}
      style={({ pressed }) => props.style({ pressed })}
      tabIndex={props.tabIndex}
      {...mark('press')}
      {...onWeb({ href: props.href })}
      {...props.extra}
    >
      {props.children}
    </Pressable>
  );
}
