import { Screen, Text } from '@/components/ui';
import type { ScreenProps } from '@/lib/nav';

export default function OrdersScreen(_props: ScreenProps<'orders'>) {
  return <Screen><Text>orders</Text></Screen>;
}
