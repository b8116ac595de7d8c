import { Screen, Text } from '@/components/ui';
import type { ScreenProps } from '@/lib/nav';

export default function CheckoutScreen(_props: ScreenProps<'checkout'>) {
  return <Screen><Text>checkout</Text></Screen>;
}
