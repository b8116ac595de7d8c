import { Box, Rule, Stepper, Text, TextField } from '@/components/ui';
import { limitsOf } from '@/lib/drink-rules';

import type { Building } from '../use-draft';
import { KeepFavourite } from './keep-favourite';

/** A name for the label, and how many. */
export function Finish({ building }: { building: Building }) {
  const { draft, change, menu, name } = building;
  return (
    <Box gap="lg">
      <Rule />
      <TextField
        capitals="words"
        hint="Printed on the lid, so you know which one is yours."
        label="Give it a name"
        maxLength={limitsOf(menu.rules).maxNameLength}
        onChange={(next) => change({ name: next })}
        placeholder={name}
        value={draft.name}
      />
      <Box gap="md" justify="space-between" row>
        <Box grow>
          <Text bold>How many</Text>
          <Text size="tiny" tone="ink2">{`Up to ${menu.rules.max_per_line} of one drink`}</Text>
        </Box>
        <Stepper
          label="drinks"
          max={menu.rules.max_per_line}
          min={1}
          onChange={(quantity) => change({ quantity })}
          value={draft.quantity}
        />
      </Box>
      <KeepFavourite building={building} />
    </Box>
  );
}
