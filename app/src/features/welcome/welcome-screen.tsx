import { useState } from 'react';

import { HouseGlass } from '@/components/house-glass';
import { Box, Button, IconButton, Screen, Text } from '@/components/ui';
import { finishTutorial } from '@/lib/api/people';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useMe } from '@/lib/queries/me';
import { mine } from '@/lib/queries/mine';
import { queryClient } from '@/lib/query-client';
import { markTutorialSeen } from '@/lib/tutorial';
import type { Tile } from '@/theme';

import { STEPS } from './steps';

interface PictureProps {
  tile: Tile;
  fill: number;
}

function Picture({ tile, fill }: PictureProps) {
  return (
    <Box align="center" justify="flex-end" padY="xl" rounded="lg" tile={tile}>
      <HouseGlass fill={fill} size={170} />
    </Box>
  );
}

/** Remembered here at once; at the server when one is signed in, for the other devices. A lost answer costs nothing. */
function useFinish(): () => void {
  const nav = useNav();
  const me = useMe();
  return () => {
    markTutorialSeen();
    if (me) {
      void finishTutorial().then(
        () => queryClient.invalidateQueries({ queryKey: mine('preferences') }),
        () => undefined,
      );
    }
    nav.back('home');
  };
}

/** How it works in three pictures; skipped with one tap at any of them. */
export default function WelcomeScreen(_: ScreenProps<'welcome'>) {
  const [at, setAt] = useState(0);
  const finish = useFinish();
  const step = STEPS[at] ?? STEPS[0];
  const last = at === STEPS.length - 1;
  return (
    <Screen
      footer={<Button onPress={last ? finish : () => setAt(at + 1)} title={last ? 'Let’s pop' : 'Next'} trailingIcon="next" />}
      header={
        <>
          {at > 0 ? <IconButton icon="back" label="The step before" onPress={() => setAt(at - 1)} /> : <Box />}
          <Button compact kind="quiet" onPress={finish} title={last ? 'Close' : 'Skip'} />
        </>
      }
    >
      <Picture fill={step.fill} tile={step.tile} />
      <Box gap="sm" live="polite">
        <Text bold numeric size="small" tone="ink2">{`${at + 1} of ${STEPS.length}`}</Text>
        <Text display level={1} size="hero">
          {step.title}
        </Text>
        <Text tone="ink2">{step.says}</Text>
      </Box>
    </Screen>
  );
}
