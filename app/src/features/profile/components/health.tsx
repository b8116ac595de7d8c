import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { HealthNotes } from '@/api/types';
import { Loaded } from '@/components/loaded';
import { Box, Button, Checkbox, Chip, Notice, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { allergenName } from '@/lib/drink';

import { healthQuery, useForgetHealth, useSetHealth } from '../api';
import { ALLERGENS, DIETS, toggled } from '../model';

/** Allergies and diet: kept only after an explicit yes, apart from all else, and gone at once when it is taken back. */
export function Health() {
  const notes = useQuery(healthQuery);
  return (
    <Box gap="lg">
      <Box gap="xs">
        <Text display level={2} size="title">
          Allergies and diet
        </Text>
        <Text tone="ink2">
          We warn you of drinks that contain, or may contain, what you name. Our machines pour many things: with a severe allergy, don’t rely on it.
        </Text>
      </Box>
      <Loaded failed="Your notes didn’t load" label="Loading your notes" query={notes} shapes={[140, 100]}>
        {(kept) => <HealthForm kept={kept} key={String(kept.kept)} />}
      </Loaded>
    </Box>
  );
}

function HealthForm({ kept }: { kept: HealthNotes }) {
  const [notes, setNotes] = useState({ allergies: kept.allergies, diets: kept.diets });
  const [agreed, setAgreed] = useState(kept.kept);
  const save = useSetHealth();
  const forget = useForgetHealth();
  const changed = JSON.stringify([notes.allergies, notes.diets]) !== JSON.stringify([kept.allergies, kept.diets]);
  const wrong = save.error ?? forget.error;
  const said = notes.allergies.length + notes.diets.length > 0;
  return (
    <Box gap="lg">
      <Box gap="sm" label="Allergies" role="group" row wrap>
        {ALLERGENS.map((code) => (
          <Chip
            key={code}
            on={notes.allergies.includes(code)}
            onPress={() => setNotes({ ...notes, allergies: toggled(notes.allergies, code) })}
            title={allergenName(code)}
          />
        ))}
      </Box>
      <Box gap="sm" label="Diet" role="group" row wrap>
        {DIETS.map(({ value, title }) => (
          <Chip
            key={value}
            on={notes.diets.includes(value)}
            onPress={() => setNotes({ ...notes, diets: toggled(notes.diets, value) })}
            title={title}
          />
        ))}
      </Box>
      {!kept.kept && (
        <Checkbox checked={agreed} onChange={setAgreed} title="Yes, keep these: encrypted, to warn me, for nothing else" />
      )}
      {wrong && (
        <Notice kind="bad" title="Not changed">
          {messageOf(wrong)}
        </Notice>
      )}
      <Button
        busy={save.isPending}
        disabled={!agreed || !changed || (!said && !kept.kept)}
        kind="secondary"
        onPress={() => save.mutate(notes)}
        title="Keep my allergies and diet"
      />
      {kept.kept && (
        <Button busy={forget.isPending} icon="trash" kind="danger" onPress={() => forget.mutate()} title="Forget them now" />
      )}
    </Box>
  );
}
