import { money } from '@/lib/format';

import { Text, type TextProps } from './text';

export interface MoneyProps extends Omit<TextProps, 'children'> {
  cents: number;
  currency: string;
}

/** An amount in the store's currency. */
export function Money({ cents, currency, ...text }: MoneyProps) {
  return (
    <Text bold numeric {...text}>
      {money(cents, currency)}
    </Text>
  );
}
