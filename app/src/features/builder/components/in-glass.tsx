import type { IceLevel } from '@/api/types';
import { Box, Segmented, Text } from '@/components/ui';

import { chosenParts, withIce } from '../model';
import type { Building } from '../use-draft';
import { PartRow } from './part-row';

/** Size, what is in the glass, and ice: the first things one changes. */
export function InGlass({ building }: { building: Building }) {
  const { menu, draft, change, catalogue } = building;
  return (
    <Box gap="lg">
      <Segmented
        choices={menu.sizes.map((size) => ({
          value: size.code,
          title: size.name,
          disabled: !size.available,
          hint: size.unavailable_reason ?? undefined,
        }))}
        label="Size"
        onChange={(size) => change({ size })}
        value={building.size.code}
      />
      <Box gap="sm" label="In your glass" role="list">
        {chosenParts(draft.recipe, catalogue).map(({ ingredient, percent }) => (
          <Box key={ingredient.id} role="listitem">
            <PartRow building={building} ingredient={ingredient} percent={percent} />
          </Box>
        ))}
        {draft.recipe.sodas.length === 0 && <Text tone="warn">No soda yet. Choose one below.</Text>}
      </Box>
      <Segmented<IceLevel>
        choices={menu.ice_levels.map((level) => ({ value: level.code, title: level.name, hint: 'ice' }))}
        label="Ice"
        onChange={(ice) => change({ recipe: withIce(draft.recipe, ice) })}
        value={draft.recipe.ice}
      />
    </Box>
  );
}
