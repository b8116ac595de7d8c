import { useState } from 'react';

import { EmailField } from '@/components/email-field';
import { PasswordField } from '@/components/password-field';
import { Box, Button, Notice, Rule, Text } from '@/components/ui';
import { ApiError, fieldOf, messageOf } from '@/lib/api';
import type { AuthStep } from '@/lib/api/allauth';
import { focusFirstWrong } from '@/lib/focus';
import { useNav } from '@/lib/nav';
import { hasPasskeys } from '@/lib/passkeys';
import { useConfig } from '@/lib/queries/config';
import { noteForSignIn, signInNotes } from '@/lib/sign-in-notes';

import { useGivePasskey, useSignIn } from '../api';

interface SignInFormProps {
  /** A step that is not the last. */
  onStep: (step: AuthStep) => void;
}

/** E-mail and password, or a passkey; with the server's word at the field that it is about. */
export function SignInForm({ onStep }: SignInFormProps) {
  const nav = useNav();
  const [email, setEmail] = useState(() => signInNotes.get().email);
  const [password, setPassword] = useState('');
  const signIn = useSignIn();
  const filled = email.trim() !== '' && password !== '';
  const submit = () => {
    if (!filled || signIn.isPending) return;
    noteForSignIn({ email: email.trim(), news: null });
    signIn.mutate({ email, password }, { onSuccess: (step) => step && onStep(step), onError: focusFirstWrong });
  };
  return (
    <Box gap="lg">
      <Text display level={2} size="title">
        Sign in
      </Text>
      <EmailField
        error={fieldOf(signIn.error, 'email')}
        onChange={setEmail}
        onSubmit={submit}
        value={email}
      />
      <PasswordField
        error={isLocked(signIn.error) ? null : fieldOf(signIn.error, 'password')}
        label="Password"
        onChange={setPassword}
        onSubmit={submit}
        value={password}
      />
      <SignInProblem error={signIn.error} />
      <Button busy={signIn.isPending} disabled={!filled} onPress={submit} title="Sign in" />
      <Button compact kind="quiet" onPress={() => nav.go('forgot')} title="I forgot it" />
      <OtherWays onStep={onStep} />
    </Box>
  );
}

function isLocked(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'too_many_login_attempts';
}

/** What stands at no field: locked out, too often, no answer. */
function SignInProblem({ error }: { error: Error | null }) {
  const nav = useNav();
  if (!error) return null;
  if (isLocked(error)) {
    return (
      <Notice
        action={<Button compact kind="secondary" onPress={() => nav.go('forgot')} title="Set a new one by mail" />}
        icon="lock"
        kind="bad"
        title="Too many wrong tries"
      >
        To keep strangers out, signing in is closed for a few minutes. Wait a little, then try again. Or set a new password by mail: that opens it at once.
      </Notice>
    );
  }
  if (fieldOf(error, 'email') ?? fieldOf(error, 'password')) return null;
  return (
    <Notice kind="bad" title="Not signed in">
      {messageOf(error)}
    </Notice>
  );
}

function OtherWays({ onStep }: SignInFormProps) {
  const nav = useNav();
  const passkey = useGivePasskey('sign-in');
  const sandbox = useConfig()?.mode === 'sandbox';
  const usePasskey = () => passkey.mutate(undefined, { onSuccess: (step) => step && onStep(step) });
  return (
    <Box gap="lg">
      {hasPasskeys() && (
        <Box gap="md">
          <Button busy={passkey.isPending} icon="key" kind="secondary" onPress={usePasskey} title="Use a passkey" />
          {passkey.error && (
            <Notice kind="bad" title="The passkey wasn’t taken">
              {messageOf(passkey.error)}
            </Notice>
          )}
        </Box>
      )}
      <Rule />
      <Box gap="md">
        <Text bold>New here?</Text>
        <Text size="small" tone="ink2">
          {sandbox
            ? 'This is a sandbox: the demo log-ins were printed when it started. You can also order without an account.'
            : 'An account keeps your favourites, cards and orders. You can also order without: this device keeps the code to your drink.'}
        </Text>
        <Button kind="secondary" onPress={() => nav.go('signUp')} title="Make an account" trailingIcon="right" />
      </Box>
    </Box>
  );
}
