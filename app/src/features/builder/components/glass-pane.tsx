import { describeGlass, Glass, glassFor, type Cup } from '@/components/glass';
import { Box, IconButton } from '@/components/ui';
import { useNav } from '@/lib/nav';
import { useWide, useWindowHeight, type Tile } from '@/theme';

import type { Building } from '../use-draft';
import { Facts } from './facts';

const CUPS: readonly Cup[] = ['small', 'medium', 'large'];

function cupOf({ menu, size }: Building): Cup {
  const place = menu.sizes.findIndex((one) => one.code === size.code);
  return CUPS[Math.min(place, CUPS.length - 1)] ?? 'medium';
}

/** As large as the page allows without hiding what one chooses from. */
function useGlassSize(wide: boolean): number {
  const height = useWindowHeight();
  return wide ? Math.min(340, Math.max(200, height * 0.36)) : Math.min(176, Math.max(112, height * 0.205));
}

/** The drink as it is now, always in view. */
export function GlassPane({ building, tile }: { building: Building; tile: Tile }) {
  const nav = useNav();
  const wide = useWide();
  const size = useGlassSize(wide);
  const { draft, catalogue, name } = building;
  return (
    <Box
      align="center"
      justify={wide ? 'center' : 'flex-end'}
      label="Your drink"
      role="complementary"
      style={wide ? { flex: 5 } : { paddingTop: 14, paddingBottom: 4 }}
      tile={tile}
    >
      <Box style={{ position: 'absolute', left: 20, top: 16, zIndex: 1 }}>
        <IconButton icon="back" label="Back to the menu" onPress={() => nav.back('home')} />
      </Box>
      <Glass
        {...glassFor(draft.recipe, catalogue)}
        cup={cupOf(building)}
        label={describeGlass(name, draft.recipe, catalogue)}
        size={size}
      />
      {wide && (
        <Box fill="surface" padX="lg" padY="md" rounded="md" style={{ marginTop: 24, marginHorizontal: 20 }}>
          <Facts building={building} center />
        </Box>
      )}
    </Box>
  );
}
