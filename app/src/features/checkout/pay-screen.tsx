import { Screen, Text } from '@/components/ui';
import type { ScreenProps } from '@/lib/nav';

export default function PayScreen(_props: ScreenProps<'pay'>) {
  return <Screen><Text>pay</Text></Screen>;
}
