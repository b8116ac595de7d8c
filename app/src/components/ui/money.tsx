import { formatMoney } from '@/lib/money';

import { Text, type TextProps } from './text';

export interface MoneyProps extends Omit<TextProps, 'children'> {
  cents: number;
  currency: string;
}

/** An amount in the store's currency. */
export function Money({ cents, currency, ...text }: MoneyProps) {
  return (
    <Text bold numeric {...text}>
      {formatMoney(cents, currency)}
    </Text>
  );
}
