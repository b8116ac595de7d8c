import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import type { MessageChoice, MessageSettings } from '@/api/types';
import { AddressProblem } from '@/components/address-problem';
import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import { Box, Card, Notice, Switch, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { setMessageSettings } from '@/lib/api/people';
import type { ScreenProps } from '@/lib/nav';
import { messagesQuery, mine } from '@/lib/queries/mine';

import { groupsOf, withChoice } from './model';

/** Shown as chosen at once; what the server says then, or what was before if it refuses, has the last word. */
function useChoose() {
  const queries = useQueryClient();
  const { queryKey } = messagesQuery;
  return useMutation({
    mutationFn: (choice: MessageChoice) => setMessageSettings([choice]),
    onMutate: async (choice) => {
      await queries.cancelQueries({ queryKey });
      queries.setQueryData(queryKey, (now) => now && withChoice(now, choice));
    },
    onSuccess: (settings) => {
      queries.setQueryData(queryKey, settings);
      // News by mail is a consent, too.
      void queries.invalidateQueries({ queryKey: mine('privacy') });
    },
    onError: () => queries.invalidateQueries({ queryKey }),
  });
}

function Choices({ settings }: { settings: MessageSettings }) {
  const choose = useChoose();
  return (
    <Box gap="lg">
      {groupsOf(settings).map((group) => (
        <Card key={group.category}>
          <Box gap="md">
            <Box gap="xs">
              <Text display level={2} size="title">
                {group.title}
              </Text>
              <Text size="small" tone="ink2">
                {group.says}
              </Text>
            </Box>
            {group.channels.map(({ choice, title }) => (
              <Switch
                key={choice.channel}
                label={`${group.title}, ${title}`}
                on={choice.allowed}
                onChange={(allowed) => choose.mutate({ ...choice, allowed })}
                title={title}
              />
            ))}
          </Box>
        </Card>
      ))}
      {choose.error && (
        <Notice kind="bad" title="Not changed">
          {messageOf(choose.error)}
        </Notice>
      )}
      <Text size="small" tone="ink2">
        Receipts and mail about your account always come: without them you couldn’t tell what you paid or that somebody changed your password.
      </Text>
    </Box>
  );
}

function Messages() {
  const settings = useQuery(messagesQuery);
  return (
    <>
      <AddressProblem />
      <Loaded failed="Your choices didn’t load" label="Loading your choices" query={settings} shapes={[150, 150]}>
        {(known) => <Choices settings={known} />}
      </Loaded>
    </>
  );
}

/** What we write to a person about, and by which way. */
export default function MessagesScreen(_: ScreenProps<'messages'>) {
  return (
    <MembersOnly
      says="What we may write to you about. A change counts at once."
      title="Messages"
      why="Without an account we write only about your order."
    >
      {() => <Messages />}
    </MembersOnly>
  );
}
