import { Badge, Box, Text } from '@/components/ui';
import { allergenName } from '@/lib/drink';
import { list } from '@/lib/format';

import type { Building } from '../use-draft';

/** Energy, sugar, caffeine and allergens of the drink as it stands. */
export function Facts({ building, center = false }: { building: Building; center?: boolean }) {
  const { facts, allergens } = building;
  const contains = allergens.contains.map(allergenName);
  const may = allergens.mayContain.map(allergenName);
  return (
    <Box align={center ? 'center' : undefined} gap="sm">
      <Box gap="sm" justify={center ? 'center' : undefined} row wrap>
        <Badge title={`${facts.kcal} kcal`} />
        <Badge title={`${facts.sugar_g} g sugar`} />
        <Badge title={`${facts.caffeine_mg} mg caffeine`} />
        <Badge
          kind={contains.length > 0 ? 'strong' : 'plain'}
          title={contains.length > 0 ? `contains ${list(contains)}` : 'no allergens added'}
        />
      </Box>
      {may.length > 0 && (
        <Text center={center} size="tiny" tone="ink2">
          {`May contain ${list(may)}, from shared nozzles or production.`}
        </Text>
      )}
    </Box>
  );
}
