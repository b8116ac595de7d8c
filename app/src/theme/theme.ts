import { useColorScheme, useWindowDimensions } from 'react-native';

import { dark, light, TWO_PANES, type Palette } from './tokens';

export interface Theme {
  isDark: boolean;
  color: Palette;
}

const themes: Record<'light' | 'dark', Theme> = {
  light: { isDark: false, color: light },
  dark: { isDark: true, color: dark },
};

/** The palette that the system asks for; follows it when it changes. */
export function useTheme(): Theme {
  return themes[useColorScheme() === 'dark' ? 'dark' : 'light'];
}

/** Whether there is room for two panes side by side. */
export function useWide(): boolean {
  return useWindowDimensions().width >= TWO_PANES;
}

/** How many cards stand side by side. */
export function useColumns(): number {
  const { width } = useWindowDimensions();
  return width >= 1080 ? 4 : width >= 680 ? 3 : 2;
}

export function useWindowHeight(): number {
  return useWindowDimensions().height;
}
