import { useState } from 'react';

import { EmailField } from '@/components/email-field';
import { HouseGlass } from '@/components/house-glass';
import { MailDelay } from '@/components/mail-delay';
import { PageHead } from '@/components/page-head';
import { Announce, Box, Button, Notice, Screen, Text } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useConfig } from '@/lib/queries/config';
import { noteForSignIn, signInNotes } from '@/lib/sign-in-notes';
import { useStore } from '@/lib/store';

import { useResend } from './api';

/** Sends the mail again; the answer never tells whether the address is known. */
function Again({ known }: { known: string }) {
  const [email, setEmail] = useState(known);
  const resend = useResend();
  const submit = () => {
    if (email.trim() === '' || resend.isPending) return;
    noteForSignIn({ email: email.trim() });
    resend.mutate(email);
  };
  return (
    <Box gap="lg">
      <Text display level={2} size="title">
        Nothing there?
      </Text>
      <Text tone="ink2">Look into the spam folder, and see that the address is right. Mail can take a minute or two.</Text>
      <EmailField
        error={fieldOf(resend.error, 'email')}
        onChange={setEmail}
        onSubmit={submit}
        value={email}
      />
      {resend.error && !fieldOf(resend.error, 'email') && (
        <Notice icon="clock" kind="warn" title="Not sent again yet">
          {messageOf(resend.error)}
        </Notice>
      )}
      {resend.isSuccess && (
        <Notice kind="ok" title="Another mail is on its way">
          If this address waits to be confirmed, its link is there in a moment. Only the newest link counts.
        </Notice>
      )}
      <Announce>{resend.isSuccess ? 'Sent again.' : ''}</Announce>
      <Button
        busy={resend.isPending}
        disabled={email.trim() === ''}
        icon="refresh"
        kind="secondary"
        onPress={submit}
        title="Send it again"
      />
    </Box>
  );
}

/** After signing up: the account waits for the link in the mailbox. */
export default function MailboxScreen(_: ScreenProps<'mailbox'>) {
  const nav = useNav();
  const { email } = useStore(signInNotes);
  const [first] = useState(email);
  const config = useConfig();
  return (
    <Screen>
      <PageHead back="account" title="Look into your mailbox" />
      <Box align="center" padY="lg" rounded="lg" tile="violet">
        <HouseGlass fill={0.72} size={110} />
      </Box>
      <Box gap="sm">
        <Text>
          {email ? 'We have written to ' : 'We have written to you.'}
          {email !== '' && <Text bold>{email}</Text>}
          {email !== '' && '.'}
        </Text>
        <Text tone="ink2">
          Open the link in the mail to confirm that the address is yours. It works once, for 24 hours; after that you can sign in.
        </Text>
      </Box>
      <MailDelay />
      {config?.mode === 'sandbox' && (
        <Text size="small" tone="ink2">
          This is a sandbox: the mail waits in the mailbox of its console.
        </Text>
      )}
      <Button onPress={() => nav.replace('account')} title="I did: sign in" />
      <Again known={first} />
    </Screen>
  );
}
