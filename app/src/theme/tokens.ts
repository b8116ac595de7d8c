import type { Tile } from '@/api/types';

/** Brand tokens (brand.md): every text pair has a contrast of at least 4.5:1 in both palettes. */

export interface Palette {
  paper: string;
  surface: string;
  ink: string;
  ink2: string;
  line: string;
  pop: string;
  popPressed: string;
  onPop: string;
  lime: string;
  onLime: string;
  ok: string;
  warn: string;
  bad: string;
  /** Quiet fill of skeletons and of things that are off. */
  hush: string;
  /** Covers the page behind a sheet. */
  veil: string;
  /** Outline of the live glass. */
  rim: string;
  /** The glass itself, where nothing has been poured. */
  pane: string;
  tiles: Record<Tile, string>;
}

export const TILES = ['peach', 'mint', 'violet', 'butter'] as const satisfies readonly Tile[];
export type { Tile };

export const light: Palette = {
  paper: '#FFF8EF',
  surface: '#FFFFFF',
  ink: '#1F1533',
  ink2: '#5B4F73',
  line: '#EADFD1',
  pop: '#C91558',
  popPressed: '#A80F48',
  onPop: '#FFFFFF',
  lime: '#C6F24E',
  onLime: '#1F1533',
  ok: '#1B6E47',
  warn: '#7A4F00',
  bad: '#B3261E',
  hush: '#F3EADD',
  veil: 'rgba(31, 21, 51, 0.5)',
  rim: '#2B2140',
  pane: 'rgba(255, 255, 255, 0.42)',
  tiles: { peach: '#FFE3D3', mint: '#E4F0D0', violet: '#E6E1FA', butter: '#FFEFC2' },
};

export const dark: Palette = {
  paper: '#150E24',
  surface: '#211737',
  ink: '#F6F0FF',
  ink2: '#BDB1D3',
  line: '#372B50',
  pop: '#FF6A9C',
  popPressed: '#FF8AB1',
  onPop: '#2A0614',
  lime: '#C6F24E',
  onLime: '#1F1533',
  ok: '#6FD6A0',
  warn: '#FFC766',
  bad: '#FF8A80',
  hush: '#2C2144',
  veil: 'rgba(8, 4, 16, 0.7)',
  rim: '#E4DBF2',
  pane: 'rgba(255, 255, 255, 0.06)',
  tiles: { peach: '#3B2230', mint: '#263226', violet: '#2C2550', butter: '#3A2F1E' },
};

/** Steps of four. */
export const space = { none: 0, xs: 4, sm: 8, md: 12, lg: 16, xl: 20, xxl: 24, huge: 40 } as const;
export type Space = keyof typeof space;

export const radius = { sm: 10, md: 16, lg: 24, pill: 999 } as const;
export type Radius = keyof typeof radius;

/** Sizes 13 / 14 / 16 / 21 / 28 / 40 with their line heights. */
export const scale = {
  tiny: { fontSize: 13, lineHeight: 18 },
  small: { fontSize: 14, lineHeight: 20 },
  body: { fontSize: 16, lineHeight: 24 },
  title: { fontSize: 21, lineHeight: 26 },
  head: { fontSize: 28, lineHeight: 32 },
  hero: { fontSize: 40, lineHeight: 42 },
} as const;
export type TextSize = keyof typeof scale;

/** Smallest side of anything that can be pressed. */
export const TARGET = 44;
/** Widest a single column of content becomes. */
export const COLUMN = 560;
/** From this window width on two panes stand side by side. */
export const TWO_PANES = 900;
