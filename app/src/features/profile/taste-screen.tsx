import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { IceLevel, Menu, Preferences, Tastes } from '@/api/types';
import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import { Announce, Box, Button, Notice, Rule, Segmented, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import type { ScreenProps } from '@/lib/nav';
import { useAnyMenu } from '@/lib/queries/catalog';
import { preferencesQuery } from '@/lib/queries/mine';

import { useSetPreferences } from './api';
import { Health } from './components/health';
import { Opinions } from './components/opinions';
import { ADVENTURE, sameTastes, SWEETNESS } from './model';

interface PartProps {
  tastes: Tastes;
  change: (part: Partial<Tastes>) => void;
  menu: Menu;
}

function Levels({ tastes, change, menu }: PartProps) {
  const ice = [
    { value: 'any' as const, title: 'Any' },
    ...menu.ice_levels.map((level) => ({ value: level.code, title: level.code === 'none' ? 'None' : level.name })),
  ];
  return (
    <Box gap="lg">
      <Box gap="sm">
        <Text bold>How sweet?</Text>
        <Segmented
          choices={SWEETNESS}
          label="How sweet?"
          onChange={(value) => change({ sweetness: value === 'any' ? null : value })}
          value={tastes.sweetness ?? 'any'}
        />
      </Box>
      <Box gap="sm">
        <Text bold>How much ice?</Text>
        <Segmented
          choices={ice}
          label="How much ice?"
          onChange={(value) => change({ ice: value === 'any' ? null : value })}
          value={(tastes.ice ?? 'any') as IceLevel | 'any'}
        />
      </Box>
      <Box gap="sm">
        <Text bold>How far from the usual?</Text>
        <Segmented
          choices={ADVENTURE}
          label="How far from the usual?"
          onChange={(value) => change({ adventure: value === 'any' ? null : value })}
          value={tastes.adventure ?? 'any'}
        />
      </Box>
    </Box>
  );
}

function TasteForm({ kept, menu }: { kept: Preferences; menu: Menu }) {
  const [tastes, setTastes] = useState<Tastes>(() => tastesOf(kept));
  const save = useSetPreferences();
  const changed = !sameTastes(tastes, kept);
  const change = (part: Partial<Tastes>) => setTastes((now) => ({ ...now, ...part }));
  return (
    <Box gap="xl">
      <Levels change={change} menu={menu} tastes={tastes} />
      <Opinions ingredients={menu.ingredients} onChange={setTastes} tastes={tastes} />
      {save.error && (
        <Notice kind="bad" title="Not saved">
          {messageOf(save.error)}
        </Notice>
      )}
      <Announce>{save.isSuccess && !changed ? 'Saved.' : ''}</Announce>
      <Button
        busy={save.isPending}
        disabled={!changed}
        icon={save.isSuccess && !changed ? 'check' : undefined}
        onPress={() => save.mutate(tastes)}
        title={save.isSuccess && !changed ? 'Saved' : 'Save my taste'}
      />
    </Box>
  );
}

function tastesOf({ liked, disliked, sweetness, ice, adventure }: Preferences): Tastes {
  return { liked, disliked, sweetness, ice, adventure };
}

function Taste() {
  const preferences = useQuery(preferencesQuery);
  const menu = useAnyMenu();
  return (
    <>
      <Loaded failed="Your taste didn’t load" label="Loading your taste" query={preferences} shapes={[80, 80, 80, 240]}>
        {(kept) => (
          <Loaded failed="The ingredients didn’t load" label="Loading the ingredients" query={menu} shapes={[80, 80, 80, 240]}>
            {(shown) => <TasteForm kept={kept} menu={shown} />}
          </Loaded>
        )}
      </Loaded>
      <Rule />
      <Health />
    </>
  );
}

/** What a person likes, and what they can't have. */
export default function TasteScreen(_: ScreenProps<'taste'>) {
  return (
    <MembersOnly says="For suggestions that fit, and warnings that matter." title="Your taste" why="Sign in to tell us what you like.">
      {() => <Taste />}
    </MembersOnly>
  );
}
