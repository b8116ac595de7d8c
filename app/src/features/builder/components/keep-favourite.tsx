import { Announce, Box, Button, Notice } from '@/components/ui';
import { ApiError, messageOf } from '@/lib/api';
import { useKeepFavourite } from '@/lib/favourites';
import { useNav } from '@/lib/nav';

import { lineOf } from '../model';
import type { Building } from '../use-draft';

/** Keeps the drink as it stands; a change makes it another drink, which can be kept again. */
export function KeepFavourite({ building }: { building: Building }) {
  const nav = useNav();
  const keep = useKeepFavourite();
  const line = lineOf(building.draft);
  const kept = keep.isSuccess && taste(keep.variables) === taste(line);
  return (
    <Box gap="md">
      {keep.error && <Problem error={keep.error} />}
      <Announce>{kept ? 'Kept as a favourite.' : ''}</Announce>
      <Button
        busy={keep.isPending}
        disabled={building.problems.length > 0}
        icon={kept ? 'check' : 'heart'}
        kind="secondary"
        onPress={() => (kept ? nav.go('favourites') : keep.mutate(line))}
        title={kept ? 'Kept: see your favourites' : 'Keep as a favourite'}
      />
    </Box>
  );
}

/** Whether somebody is signed in is not asked before: most who build a drink only want the drink. */
function Problem({ error }: { error: Error }) {
  const nav = useNav();
  if (error instanceof ApiError && error.status === 401) {
    return (
      <Notice action={<Button compact kind="secondary" onPress={() => nav.go('account')} title="Sign in" />} icon="heart" title="Favourites belong to an account">
        Put the drink into your cart first, so that it isn’t lost.
      </Notice>
    );
  }
  return (
    <Notice kind="bad" title="Not kept">
      {messageOf(error)}
    </Notice>
  );
}

function taste({ drink_id, name, size, recipe }: ReturnType<typeof lineOf>): string {
  return JSON.stringify([drink_id, name, size, recipe]);
}
