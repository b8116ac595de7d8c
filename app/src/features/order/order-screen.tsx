import { Screen, Text } from '@/components/ui';
import type { ScreenProps } from '@/lib/nav';

export default function OrderScreen(_props: ScreenProps<'order'>) {
  return <Screen><Text>order</Text></Screen>;
}
