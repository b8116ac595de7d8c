import { View } from 'react-native';

import { radius, useTheme } from '@/theme';

export interface ProgressBarProps {
  label: string;
  /** 0 to 1. */
  share: number;
}

/** How far something is. */
export function ProgressBar({ label, share }: ProgressBarProps) {
  const { color } = useTheme();
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <View
      aria-label={label}
      aria-valuemax={100}
      aria-valuemin={0}
      aria-valuenow={percent}
      role="progressbar"
      style={{ height: 10, borderRadius: radius.pill, backgroundColor: color.hush, overflow: 'hidden' }}
    >
      <View style={{ width: `${percent}%`, height: 10, borderRadius: radius.pill, backgroundColor: color.pop }} />
    </View>
  );
}
