import type { ReactNode } from 'react';
import { View, type DimensionValue } from 'react-native';

import { radius, useTheme, type Radius } from '@/theme';

import { Box } from './layout';
import { mark } from './web';

export interface SkeletonProps {
  width?: DimensionValue;
  height: number;
  rounded?: Radius;
}

/** A quiet shape where something will stand. */
export function Skeleton({ width = '100%', height, rounded = 'sm' }: SkeletonProps) {
  const { color } = useTheme();
  return (
    <View
      {...mark('shimmer')}
      style={{ width, height, maxWidth: '100%', borderRadius: radius[rounded], backgroundColor: color.hush }}
    />
  );
}

/** Shapes of what comes, told once to screen readers. */
export function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <View aria-busy aria-label={label} role="status">
      <Box gap="lg" hidden>
        {children}
      </Box>
    </View>
  );
}
