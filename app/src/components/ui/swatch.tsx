import { View } from 'react-native';

import { useTheme } from '@/theme';

/** The colour of an ingredient, as it looks in the glass. */
export function Swatch({ color: fill, size = 18 }: { color: string; size?: number }) {
  const { color } = useTheme();
  return (
    <View
      aria-hidden
      style={{
        width: size, height: size, borderRadius: size / 3, backgroundColor: fill, borderWidth: 1, borderColor: color.line,
      }}
    />
  );
}
