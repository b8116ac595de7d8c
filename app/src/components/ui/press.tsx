import type { ReactNode, Ref } from 'react';
import { Pressable, type Role, type View, type ViewStyle } from 'react-native';

import { mark } from './web';

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
  /** Keyboard handlers and the like, see web.ts. */
  extra?: object;
  style: (state: { pressed: boolean }) => ViewStyle;
}

/** Everything that can be pressed. Keeps a role, a name, a state and a visible focus. */
export function Press({ ref, ...props }: PressProps) {
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
      onPress={props.onPress}
      role={props.role ?? 'button'}
      style={({ pressed }) => props.style({ pressed })}
      tabIndex={props.tabIndex}
      {...mark('press')}
      {...props.extra}
    >
      {props.children}
    </Pressable>
  );
}
