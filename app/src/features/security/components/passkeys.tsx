import { useState } from 'react';

import { ConfirmSheet, isConfirming, refusalOf } from '@/components/confirm-sheet';
import { Box, Button, Card, IconButton, Notice, Rule, Sheet, Text, TextField } from '@/components/ui';
import { messageOf } from '@/lib/api';
import type { Authenticator } from '@/lib/api/accounts';
import { hasPasskeys } from '@/lib/passkeys';

import { useAddPasskey, useRemovePasskey, useRenamePasskey } from '../api';
import { passkeyName } from '../model';

type Passkey = Extract<Authenticator, { type: 'webauthn' }>;

interface PasskeysProps {
  passkeys: readonly Passkey[];
  /** Recovery codes come with the first factor and are shown once. */
  onCodes: (codes: string[] | null) => void;
}

/** Passkeys: signing in by face, finger or the device's own lock. */
export function Passkeys({ passkeys, onCodes }: PasskeysProps) {
  const add = useAddPasskey(onCodes);
  const first = passkeys.length === 0;
  const make = () => add.mutate(passkeyName(navigator.userAgent, passkeys.map(({ name }) => name)));
  const wrong = refusalOf(add.error);
  return (
    <Card>
      <Box gap="md">
        <Text display level={2} size="title">
          Passkeys
        </Text>
        <Text size="small" tone="ink2">
          Sign in with your face, finger or the lock of your device. Nothing to type, and nothing that could be phished.
        </Text>
        {passkeys.map((passkey) => (
          <PasskeyRow key={passkey.id} passkey={passkey} />
        ))}
        {wrong && (
          <Notice kind="bad" title="No passkey made">
            {messageOf(wrong)}
          </Notice>
        )}
        {add.data === false && <Notice title="Nothing was made">You closed the question. Try again whenever you like.</Notice>}
        {hasPasskeys() && (
          <Box row>
            <Button busy={add.isPending} compact icon="plus" kind="secondary" onPress={make} title={first ? 'Make a passkey' : 'Make another'} />
          </Box>
        )}
      </Box>
      <ConfirmSheet of={add} />
    </Card>
  );
}

function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const [naming, setNaming] = useState(false);
  const remove = useRemovePasskey();
  const wrong = refusalOf(remove.error);
  return (
    <Box gap="sm">
      <Rule />
      <Box gap="sm" justify="space-between" row>
        <Box grow>
          <Text bold>{passkey.name}</Text>
          <Text size="small" tone="ink2">
            {passkey.last_used_at === null ? 'not used yet' : `last used ${dateOf(passkey.last_used_at)}`}
          </Text>
        </Box>
        <IconButton icon="edit" label={`Rename ${passkey.name}`} onPress={() => setNaming(true)} />
        <IconButton disabled={remove.isPending} icon="trash" label={`Remove ${passkey.name}`} onPress={() => remove.mutate(passkey.id)} />
      </Box>
      {wrong && (
        <Notice kind="bad" title="Not removed">
          {messageOf(wrong)}
        </Notice>
      )}
      {naming && <RenameSheet onClose={() => setNaming(false)} passkey={passkey} />}
      <ConfirmSheet of={remove} />
    </Box>
  );
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString('en-US', { month: 'short', day: 'numeric', year: 'numeric' });
}

function RenameSheet({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const [name, setName] = useState(passkey.name);
  const rename = useRenamePasskey();
  const filled = name.trim() !== '';
  const submit = () => filled && !rename.isPending && rename.mutate({ id: passkey.id, name }, { onSuccess: onClose });
  const wrong = refusalOf(rename.error);
  return (
    <>
      <Sheet
        footer={<Button busy={rename.isPending} disabled={!filled} onPress={submit} title="Save" />}
        onClose={onClose}
        open={!isConfirming(rename.error)}
        title="Name of the passkey"
        writes
      >
        <TextField label="Name" maxLength={100} onChange={setName} onSubmit={submit} value={name} />
        {wrong && (
          <Notice kind="bad" title="Not saved">
            {messageOf(wrong)}
          </Notice>
        )}
      </Sheet>
      <ConfirmSheet again={(input) => rename.mutate(input, { onSuccess: onClose })} of={rename} />
    </>
  );
}
