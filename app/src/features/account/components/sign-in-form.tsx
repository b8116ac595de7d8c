import { useState } from 'react';

import { Box, Button, Notice, Text, TextField } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { useConfig } from '@/lib/queries/config';

import { useSignIn } from '../api';

/** E-mail and password, with the server's word at the field that it is about. */
export function SignInForm() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useSignIn();
  const sandbox = useConfig()?.mode === 'sandbox';
  const filled = email.trim() !== '' && password !== '';
  const submit = () => filled && !signIn.isPending && signIn.mutate({ email, password });
  const atFields = fieldOf(signIn.error, 'email') ?? fieldOf(signIn.error, 'password');
  return (
    <Box gap="lg">
      <Text display level={2} size="title">
        Sign in
      </Text>
      <TextField
        autoComplete="email"
        capitals="none"
        error={fieldOf(signIn.error, 'email')}
        keyboard="email-address"
        label="E-mail"
        onChange={setEmail}
        onSubmit={submit}
        value={email}
      />
      <TextField
        autoComplete="current-password"
        capitals="none"
        error={fieldOf(signIn.error, 'password')}
        label="Password"
        onChange={setPassword}
        onSubmit={submit}
        secure
        value={password}
      />
      {signIn.error && !atFields && (
        <Notice kind="bad" title="Not signed in">
          {messageOf(signIn.error)}
        </Notice>
      )}
      <Button busy={signIn.isPending} disabled={!filled} onPress={submit} title="Sign in" />
      <Text size="small" tone="ink2">
        {sandbox
          ? 'This is a sandbox: the demo log-ins were printed when it started. You can also order without an account.'
          : 'You can also order without an account: this device keeps the code to your drink.'}
      </Text>
    </Box>
  );
}
