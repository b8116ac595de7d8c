import { useRef } from 'react';
import type { View } from 'react-native';

import { onArrowKeys } from './web';

export interface Choice<Value extends string> {
  value: Value;
  title: string;
  /** Said after the title to those who can't see the context. */
  hint?: string;
  disabled?: boolean;
}

interface RadioProps {
  ref: (view: View | null) => void;
  role: 'radio';
  checked: boolean;
  tabIndex: 0 | -1;
  onPress: () => void;
  extra: object;
}

/** Behaviour of one radio group: one tab stop, arrows move and choose. */
export function useRadios<Value extends string>(
  choices: readonly Choice<Value>[],
  value: Value | null,
  onChange: (value: Value) => void,
): (index: number) => RadioProps {
  const views = useRef<(View | null)[]>([]);
  const chosen = choices.findIndex((choice) => choice.value === value);
  const choose = (index: number) => {
    const choice = choices[index];
    if (!choice || choice.disabled) return;
    onChange(choice.value);
    views.current[index]?.focus();
  };
  const isOff = (index: number) => choices[index]?.disabled === true;
  return (index) => ({
    ref: (view) => {
      views.current[index] = view;
    },
    role: 'radio',
    checked: index === chosen,
    tabIndex: index === Math.max(0, chosen) ? 0 : -1,
    onPress: () => choose(index),
    extra: onArrowKeys(index, choices.length, choose, isOff),
  });
}
