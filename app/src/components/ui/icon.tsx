import Svg, { Path } from 'react-native-svg';

import { useTheme } from '@/theme';

/** Strokes on a 24 by 24 grid. */
const STROKES = {
  back: 'M15 5l-7 7 7 7',
  next: 'M5 12h14M13 6l6 6-6 6',
  down: 'M6 9l6 6 6-6',
  right: 'M9 5l7 7-7 7',
  close: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16.2 16.2L20.5 20.5',
  pin: 'M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21M12 7.300a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.300l3 1.9',
  warn: 'M12 4L2.8 19.500h18.400L12 4M12 10v4.200M12 17v.2',
  info: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 11v5M12 8v.2',
  bag: 'M6 8h12l1 12H5L6 8M9 10V7a3 3 0 0 1 6 0v3',
  heart: 'M12 20s-7.5-4.6-7.5-10.200A4.3 4.3 0 0 1 12 7.200a4.3 4.3 0 0 1 7.5 2.600C19.5 15.4 12 20 12 20',
  offline: 'M4 4l16 16M8.5 15.500a5 5 0 0 1 6.2-.6M5 12a10 10 0 0 1 4.6-2.700M13.5 8.900A10 10 0 0 1 19 12M12 19v.2',
  edit: 'M5 19l1-4L16.5 4.500l3 3L9 18l-4 1',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7M10.3 10.500v5.500M13.7 10.500v5.5',
  person: 'M12 4.500a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.400M4.5 20a7.5 7.5 0 0 1 15 0',
  card: 'M3.5 6.500h17v11.500h-17V6.500M3.5 10.500h17M7 14.500h3',
  door: 'M6 20.500V4h12v16.500M4 20.500h16M14.5 12v.800',
  refresh: 'M19 12a7 7 0 1 1-2.2-5.100M19 4.500v4h-4',
  lock: 'M6.500 11h11v9h-11V11M8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 14.500v2',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8M11 12.200L19.500 4M16 7.400l2.600 2.600',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15L6 17M10.500 21h3',
  mail: 'M3.500 6.500h17v11.500h-17V6.500M4 7l8 6.500L20 7',
  device: 'M8 3.500h8v17H8v-17M11 17.700h2',
  shield: 'M12 3.500l7.500 2.700v5.300c0 4.400-3 7.500-7.500 9-4.500-1.500-7.500-4.600-7.500-9V6.200L12 3.500M9 12l2.200 2.200L15.200 10',
  taste: 'M7 4h10l-1.500 16h-7L7 4M7.700 10h8.600M13 4l1.500-2.500',
  star: 'M12 4l2.400 5 5.400.700-4 3.800 1 5.500-4.800-2.700L7.200 19l1-5.500-4-3.800 5.400-.700L12 4',
  eye: 'M3 12c3.500-7 14.500-7 18 0-3.500 7-14.500 7-18 0M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5',
  leave: 'M10 4.500H5.500v15H10M14 8l4 4-4 4M18 12H9.500',
  snow: 'M12 3.500v17M4.6 7.800l14.8 8.400M19.4 7.800L4.6 16.2',
} as const;

export type IconName = keyof typeof STROKES;

export interface IconProps {
  name: IconName;
  size?: number;
  tone?: 'ink' | 'ink2' | 'pop' | 'onPop' | 'onLime' | 'ok' | 'warn' | 'bad' | 'paper';
}

/** A small drawing beside words; the words say it, so screen readers skip it. */
export function Icon({ name, size = 20, tone = 'ink' }: IconProps) {
  const { color } = useTheme();
  return (
    <Svg aria-hidden height={size} viewBox="0 0 24 24" width={size}>
      <Path
        d={STROKES[name]}
        fill="none"
        stroke={color[tone]}
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth={2.2}
      />
    </Svg>
  );
}
