import { View } from 'react-native';

import { Text } from './text';

/** Says something to screen readers without showing it, as the price while one builds. */
export function Announce({ children }: { children: string }) {
  return (
    <View aria-live="polite" role="status" style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden' }}>
      <Text size="tiny">{children}</Text>
    </View>
  );
}
