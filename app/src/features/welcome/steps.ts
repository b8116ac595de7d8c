import type { Tile } from '@/theme';

interface Step {
  title: string;
  says: string;
  /** How far the glass is poured. */
  fill: number;
  tile: Tile;
}

export const STEPS: readonly [Step, ...Step[]] = [
  {
    title: 'Build your pop',
    says: 'Pick a drink from the menu or mix your own. The glass shows what you get, the price and every allergen as you go.',
    fill: 0.25,
    tile: 'peach',
  },
  {
    title: 'A robot mixes it',
    says: 'Pay in the app, now or for later. We say when it’s ready, and mean it: the time moves as the robots do.',
    fill: 0.65,
    tile: 'violet',
  },
  {
    title: 'Open your door',
    says: 'At the store your screen shows a door and a code. Tap “Open door”, and your drink stands behind it, cold.',
    fill: 1,
    tile: 'mint',
  },
];
