import { useState } from 'react';

import { EmailField } from '@/components/email-field';
import { MailDelay } from '@/components/mail-delay';
import { PageHead } from '@/components/page-head';
import { Box, Button, Notice, Screen, Text } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';
import { noteForSignIn, signInNotes } from '@/lib/sign-in-notes';

import { useAskForReset } from './api';

/** A new password by mail. What comes back is the same for every address, so that nobody learns who has an account. */
export default function ForgotScreen(_: ScreenProps<'forgot'>) {
  const nav = useNav();
  const [email, setEmail] = useState(() => signInNotes.get().email);
  const ask = useAskForReset();
  const filled = email.trim() !== '';
  const submit = () => {
    if (!filled || ask.isPending) return;
    noteForSignIn({ email: email.trim(), news: null });
    ask.mutate(email);
  };
  const atField = fieldOf(ask.error, 'email');
  return (
    <Screen>
      <PageHead back="account" says="We send a link by which you set a new password." title="Forgot your password?" />
      <Box gap="lg">
        <EmailField
          error={atField}
          onChange={setEmail}
          onSubmit={submit}
          value={email}
        />
        {ask.error && !atField && (
          <Notice icon="clock" kind="bad" title="No mail yet">
            {messageOf(ask.error)}
          </Notice>
        )}
        {ask.isSuccess && (
          <Notice icon="mail" kind="ok" title="Look into your mailbox">
            A mail is on its way to this address. If it has an account, the mail holds a link that works once, for 24 hours; if not, the mail says so.
          </Notice>
        )}
        {ask.isSuccess && <MailDelay />}
        <Button
          busy={ask.isPending}
          disabled={!filled}
          kind={ask.isSuccess ? 'secondary' : 'primary'}
          onPress={submit}
          title={ask.isSuccess ? 'Send it again' : 'Send the link'}
        />
        <Button kind="quiet" onPress={() => nav.replace('account')} title="Back to signing in" />
        <Text size="small" tone="ink2">
          A second factor stays as it is: with a new password you still need its code.
        </Text>
      </Box>
    </Screen>
  );
}
