import { useState } from 'react';

import { Box, Button, Notice, Sheet, Text, TextField } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { ConfirmationNeeded, type Way } from '@/lib/api/allauth';
import { hasPasskeys } from '@/lib/passkeys';
import { useConfirmByCode, useConfirmByPasskey, useConfirmByPassword } from '@/lib/queries/confirm';

import { PasswordField } from './password-field';

/** What of a mutation is needed to ask for the confirmation and then to do the same again. */
interface Asked<Input> {
  error: Error | null;
  variables: Input | undefined;
  mutate: (input: Input) => void;
  reset: () => void;
}

const SIGN_IN_CHANGES = 'change how this account is signed in to';

/** Whether the person must confirm first; another sheet makes room for that question. */
export function isConfirming(error: Error | null): error is ConfirmationNeeded {
  return error instanceof ConfirmationNeeded;
}

/** The words of a failure, unless it is only that the person must confirm first: then a sheet asks. */
export function refusalOf(error: Error | null): Error | null {
  return isConfirming(error) ? null : error;
}

interface ConfirmSheetProps<Input> {
  of: Asked<Input>;
  again?: (input: Input) => void;
  /** What nobody else shall do: the middle of a sentence. */
  act?: string;
}

/** Asks who it is when the server wants to be sure, then does what was asked for. */
export function ConfirmSheet<Input>({ of: asked, again, act = SIGN_IN_CHANGES }: ConfirmSheetProps<Input>) {
  const needed = isConfirming(asked.error) ? asked.error : null;
  const goOn = () => (again ?? asked.mutate)(asked.variables as Input);
  return (
    <Sheet onClose={asked.reset} open={needed !== null} title="Is it you?" writes>
      {needed && (
        <>
          <Text tone="ink2">{`So that nobody else can ${act} at your unlocked device, show that it’s you.`}</Text>
          <Ways onDone={goOn} ways={needed.ways} />
        </>
      )}
    </Sheet>
  );
}

function Ways({ ways, onDone }: { ways: readonly Way[]; onDone: () => void }) {
  const byCode = ways.includes('totp') || ways.includes('recovery_codes');
  const [code, setCode] = useState(!ways.includes('password'));
  return (
    <Box gap="lg">
      {ways.includes('webauthn') && hasPasskeys() && <ByPasskey onDone={onDone} />}
      {code ? <ByCode onDone={onDone} /> : <ByPassword onDone={onDone} />}
      {ways.includes('password') && byCode && (
        <Button compact kind="quiet" onPress={() => setCode(!code)} title={code ? 'Use my password' : 'Use a code'} />
      )}
    </Box>
  );
}

function ByPassword({ onDone }: { onDone: () => void }) {
  const [password, setPassword] = useState('');
  const confirm = useConfirmByPassword();
  const submit = () => password !== '' && !confirm.isPending && confirm.mutate(password, { onSuccess: onDone });
  return (
    <Box gap="lg">
      <PasswordField
        error={fieldOf(confirm.error, 'password')}
        label="Your password"
        onChange={setPassword}
        onSubmit={submit}
        value={password}
      />
      <Problem error={confirm.error} field="password" />
      <Button busy={confirm.isPending} disabled={password === ''} onPress={submit} title="Confirm" />
    </Box>
  );
}

function ByCode({ onDone }: { onDone: () => void }) {
  const [code, setCode] = useState('');
  const confirm = useConfirmByCode();
  const submit = () => code.trim() !== '' && !confirm.isPending && confirm.mutate(code, { onSuccess: onDone });
  return (
    <Box gap="lg">
      <TextField
        autoComplete="one-time-code"
        capitals="none"
        error={fieldOf(confirm.error, 'code')}
        hint="From your authenticator app; or one of your recovery codes."
        label="Code"
        maxLength={20}
        onChange={setCode}
        onSubmit={submit}
        value={code}
      />
      <Problem error={confirm.error} field="code" />
      <Button busy={confirm.isPending} disabled={code.trim() === ''} onPress={submit} title="Confirm" />
    </Box>
  );
}

function ByPasskey({ onDone }: { onDone: () => void }) {
  const confirm = useConfirmByPasskey();
  return (
    <Box gap="md">
      <Button
        busy={confirm.isPending}
        icon="key"
        kind="secondary"
        onPress={() => confirm.mutate(undefined, { onSuccess: (given) => given && onDone() })}
        title="Use a passkey"
      />
      <Problem error={confirm.error} field="credential" />
    </Box>
  );
}

function Problem({ error, field }: { error: Error | null; field: string }) {
  if (!error || (field !== 'credential' && fieldOf(error, field) !== null)) return null;
  return (
    <Notice kind="bad" title="Not confirmed">
      {messageOf(error)}
    </Notice>
  );
}
