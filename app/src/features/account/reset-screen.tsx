import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Loaded } from '@/components/loaded';
import { PageHead } from '@/components/page-head';
import { PasswordField } from '@/components/password-field';
import { Box, Button, Notice, Screen, Text } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { focusFirstWrong } from '@/lib/focus';
import { useNav, type ScreenProps } from '@/lib/nav';
import { missingIn } from '@/lib/passwords';
import { noteForSignIn } from '@/lib/sign-in-notes';

import { resetLinkQuery, useSetNewPassword } from './api';
import { LinkGone } from './components/link-gone';

function NewPassword({ linkKey }: { linkKey: string }) {
  const nav = useNav();
  const [password, setPassword] = useState('');
  const set = useSetNewPassword(linkKey);
  const filled = missingIn(password) === null;
  const submit = () => {
    if (!filled || set.isPending) return;
    set.mutate(password, {
      onSuccess: () => {
        noteForSignIn({ news: 'password-set' });
        nav.replace('account');
      },
      onError: focusFirstWrong,
    });
  };
  const atField = fieldOf(set.error, 'password');
  return (
    <Box gap="lg">
      <PasswordField error={atField} fresh label="New password" onChange={setPassword} onSubmit={submit} value={password} />
      {set.error && !atField && (
        <Notice
          action={<Button compact kind="secondary" onPress={() => nav.replace('forgot')} title="Ask for another link" />}
          kind="bad"
          title="Not set"
        >
          {messageOf(set.error)}
        </Notice>
      )}
      <Button busy={set.isPending} disabled={!filled} onPress={submit} title="Set the password" />
      <Text size="small" tone="ink2">
        All devices that are signed in now will be signed out.
      </Text>
    </Box>
  );
}

/** Where the link of a mail leads: a new password. */
export default function ResetScreen({ params }: ScreenProps<'reset'>) {
  const nav = useNav();
  const link = useQuery(resetLinkQuery(params.key));
  return (
    <Screen>
      <PageHead back="home" title="Choose a new password" />
      {link.error && link.data === undefined ? (
        <LinkGone
          action={{ title: 'Send me another', onPress: () => nav.replace('forgot') }}
          error={link.error}
          onRetry={() => void link.refetch()}
        >
          It was used already, is older than a day, or the password was changed since.
        </LinkGone>
      ) : (
        <Loaded failed="We couldn’t look at the link" label="Looking at your link" query={link} shapes={[52, 56]}>
          {() => <NewPassword linkKey={params.key} />}
        </Loaded>
      )}
    </Screen>
  );
}
