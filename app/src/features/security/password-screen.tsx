import { useState } from 'react';

import { MembersOnly } from '@/components/members-only';
import { PasswordField } from '@/components/password-field';
import { Box, Button, Notice, Text } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { focusFirstWrong } from '@/lib/focus';
import { useNav, type ScreenProps } from '@/lib/nav';
import { missingIn } from '@/lib/passwords';

import { useChangePassword } from './api';

function Form({ onDone }: { onDone: () => void }) {
  const nav = useNav();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useChangePassword();
  const filled = current !== '' && missingIn(next) === null;
  const submit = () => {
    if (!filled || change.isPending) return;
    change.mutate({ current, next }, { onSuccess: onDone, onError: focusFirstWrong });
  };
  const atFields = fieldOf(change.error, 'current_password') ?? fieldOf(change.error, 'new_password');
  return (
    <Box gap="lg">
      <PasswordField
        error={fieldOf(change.error, 'current_password')}
        label="Password until now"
        onChange={setCurrent}
        onSubmit={submit}
        value={current}
      />
      <PasswordField
        error={fieldOf(change.error, 'new_password')}
        fresh
        label="New password"
        onChange={setNext}
        onSubmit={submit}
        value={next}
      />
      {change.error && !atFields && (
        <Notice kind="bad" title="Not changed">
          {messageOf(change.error)}
        </Notice>
      )}
      <Button busy={change.isPending} disabled={!filled} onPress={submit} title="Change it" />
      <Button kind="quiet" onPress={() => nav.go('forgot')} title="I don’t know the old one" />
      <Text size="small" tone="ink2">
        All other devices will be signed out, and we write to you that it was changed.
      </Text>
    </Box>
  );
}

function Change() {
  const nav = useNav();
  const [done, setDone] = useState(false);
  if (!done) return <Form onDone={() => setDone(true)} />;
  return (
    <Notice
      action={<Button compact kind="secondary" onPress={() => nav.back('security')} title="Done" />}
      kind="ok"
      title="Your new password counts"
    >
      This device stays signed in; all others have been signed out.
    </Notice>
  );
}

/** Another password, by the present one. */
export default function PasswordScreen(_: ScreenProps<'password'>) {
  return (
    <MembersOnly back="security" title="Change your password" why="Without an account there is no password to change.">
      {() => <Change />}
    </MembersOnly>
  );
}
