import { useQuery } from '@tanstack/react-query';

import type { Session } from '@/api/types';
import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import { Badge, Box, Button, Card, Notice, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import type { ScreenProps } from '@/lib/nav';
import { useNow } from '@/lib/now';

import { sessionsQuery, useEndOthers, useEndSession } from './api';
import { seenText } from './model';

const CLIENT = { browser: 'Web page', app: 'App', staff: 'Staff screens' } as const;

function Device({ session }: { session: Session }) {
  const end = useEndSession();
  const now = new Date(useNow(60_000));
  return (
    <Card>
      <Box gap="md">
        <Box align="flex-start" gap="sm" justify="space-between" row wrap>
          <Box gap="xs" style={{ flexShrink: 1 }}>
            <Text bold>{session.device || 'Unknown device'}</Text>
            <Text size="small" tone="ink2">
              {`${CLIENT[session.client]}, ${seenText(session.seen_at, now)}`}
            </Text>
          </Box>
          {session.current && <Badge icon="check" kind="ok" title="this one" />}
        </Box>
        {end.error && (
          <Notice kind="bad" title="Still signed in">
            {messageOf(end.error)}
          </Notice>
        )}
        {!session.current && (
          <Box row>
            <Button
              busy={end.isPending}
              compact
              kind="danger"
              label={`Sign out ${session.device}`}
              onPress={() => end.mutate(session.id)}
              title="Sign out"
            />
          </Box>
        )}
      </Box>
    </Card>
  );
}

function Devices() {
  const sessions = useQuery(sessionsQuery);
  const endOthers = useEndOthers();
  return (
    <Loaded failed="Your devices didn’t load" label="Loading your devices" query={sessions}>
      {(known) => (
        <Box gap="lg">
          <Box gap="md" label="Devices" role="list">
            {known.map((session) => (
              <Box key={session.id} role="listitem">
                <Device session={session} />
              </Box>
            ))}
          </Box>
          {endOthers.error && (
            <Notice kind="bad" title="Still signed in">
              {messageOf(endOthers.error)}
            </Notice>
          )}
          {known.some((session) => !session.current) ? (
            <Button busy={endOthers.isPending} kind="secondary" onPress={() => endOthers.mutate()} title="Sign out all others" />
          ) : (
            <Text tone="ink2">No other device is signed in.</Text>
          )}
          <Text size="small" tone="ink2">
            We don’t keep where a device was. You don’t know one? Sign it out, then change your password.
          </Text>
        </Box>
      )}
    </Loaded>
  );
}

/** Where one is signed in, and an end to it. */
export default function DevicesScreen(_: ScreenProps<'devices'>) {
  return (
    <MembersOnly back="security" title="Devices" why="Here you would see where you’re signed in.">
      {() => <Devices />}
    </MembersOnly>
  );
}
