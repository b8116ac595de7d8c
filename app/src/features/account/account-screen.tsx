import { Screen, Text } from '@/components/ui';
import type { ScreenProps } from '@/lib/nav';

export default function AccountScreen(_props: ScreenProps<'account'>) {
  return <Screen><Text>account</Text></Screen>;
}
