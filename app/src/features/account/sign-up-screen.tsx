import { useState } from 'react';

import { PageHead } from '@/components/page-head';
import { EmailField } from '@/components/email-field';
import { PasswordField } from '@/components/password-field';
import { Box, Button, Notice, Screen, Text } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { focusFirstWrong } from '@/lib/focus';
import { openPage } from '@/lib/links';
import { useNav, type ScreenProps } from '@/lib/nav';
import { missingIn } from '@/lib/passwords';
import { useMe } from '@/lib/queries/me';
import { noteForSignIn, signInNotes } from '@/lib/sign-in-notes';

import { useSignUp } from './api';

function SignUpForm() {
  const nav = useNav();
  const [email, setEmail] = useState(() => signInNotes.get().email);
  const [password, setPassword] = useState('');
  const signUp = useSignUp();
  const filled = email.trim() !== '' && missingIn(password) === null;
  const submit = () => {
    if (!filled || signUp.isPending) return;
    noteForSignIn({ email: email.trim(), news: null });
    signUp.mutate({ email, password }, { onSuccess: () => nav.replace('mailbox'), onError: focusFirstWrong });
  };
  const atFields = fieldOf(signUp.error, 'email') ?? fieldOf(signUp.error, 'password');
  return (
    <Box gap="lg">
      <EmailField
        error={fieldOf(signUp.error, 'email')}
        hint="We send a link there to see that it’s yours."
        onChange={setEmail}
        onSubmit={submit}
        value={email}
      />
      <PasswordField
        error={fieldOf(signUp.error, 'password')}
        fresh
        label="Password"
        onChange={setPassword}
        onSubmit={submit}
        value={password}
      />
      {signUp.error && !atFields && (
        <Notice kind="bad" title="No account yet">
          {messageOf(signUp.error)}
        </Notice>
      )}
      <Button busy={signUp.isPending} disabled={!filled} onPress={submit} title="Make an account" />
      <Text size="small" tone="ink2">
        We keep what your orders need and nothing for advertising. News comes only if you ask for it.
      </Text>
      <Box gap="sm">
        <Button compact icon="shield" kind="quiet" onPress={() => openPage('/privacy')} title="What we do with your data" />
        <Button compact kind="quiet" onPress={() => nav.replace('account')} title="I have an account: sign in" />
      </Box>
    </Box>
  );
}

/** A new account: an address, a password, and then the link in the mailbox. */
export default function SignUpScreen(_: ScreenProps<'signUp'>) {
  const nav = useNav();
  const me = useMe();
  return (
    <Screen>
      <PageHead
        back="account"
        says="Favourites with one tap, your cards, every order in one place. Free, and gone again when you say so."
        title="Make an account"
      />
      {me ? (
        <Notice
          action={<Button compact kind="secondary" onPress={() => nav.replace('account')} title="To your account" />}
          title="You have one, and you’re signed in"
        />
      ) : (
        <SignUpForm />
      )}
    </Screen>
  );
}
