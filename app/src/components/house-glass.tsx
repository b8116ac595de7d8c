import { Glass, type GlassPicture } from '@/components/glass';

/** The drink of the house, for pages that are about no drink in particular. */
const PICTURE: GlassPicture = {
  layers: [
    { key: 'peach', color: '#F25C78', opacity: 0.95, share: 1.2 },
    { key: 'mango', color: '#FFB347', opacity: 0.95, share: 1.6 },
    { key: 'lime', color: '#D9EF8B', opacity: 0.85, share: 1.4 },
  ],
  ice: 'light',
  bubbles: 0.6,
  cream: null,
  garnish: { kind: 'lime', color: '#7FB800' },
  scoops: [],
  pearls: null,
};

interface HouseGlassProps {
  size: number;
  /** 0 to 1, how far it is poured. */
  fill?: number;
}

/** A picture beside words that say it all, so screen readers skip it. */
export function HouseGlass({ size, fill }: HouseGlassProps) {
  return <Glass {...PICTURE} fill={fill} label="" size={size} />;
}
