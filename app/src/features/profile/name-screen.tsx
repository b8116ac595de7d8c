import { useState } from 'react';

import type { Me } from '@/api/types';
import { MembersOnly } from '@/components/members-only';
import { Box, Button, Notice, TextField } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';

import { useSetName } from './api';

function NameForm({ me }: { me: Me }) {
  const nav = useNav();
  const [name, setName] = useState(me.name);
  const save = useSetName();
  const changed = name.trim() !== me.name;
  const submit = () => changed && !save.isPending && save.mutate(name.trim(), { onSuccess: () => nav.back('account') });
  const atField = fieldOf(save.error, 'name');
  return (
    <Box gap="lg">
      <TextField
        autoComplete="name"
        capitals="words"
        error={atField}
        hint="How we greet you. Leave it empty if you like."
        label="Name"
        maxLength={80}
        onChange={setName}
        onSubmit={submit}
        value={name}
      />
      {save.error && !atField && (
        <Notice kind="bad" title="Not saved">
          {messageOf(save.error)}
        </Notice>
      )}
      <Button busy={save.isPending} disabled={!changed} onPress={submit} title="Save" />
    </Box>
  );
}

/** What screens and mails call the person. */
export default function NameScreen(_: ScreenProps<'name'>) {
  return (
    <MembersOnly title="Your name" why="Sign in to tell us what to call you.">
      {(me) => <NameForm me={me} />}
    </MembersOnly>
  );
}
