import { useState } from 'react';

import { ConfirmSheet, refusalOf } from '@/components/confirm-sheet';
import { QrCode } from '@/components/qr-code';
import { Badge, Box, Button, Card, Notice, Sheet, Text, TextField } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import type { Authenticator, TotpSecret } from '@/lib/api/accounts';
import { copyText, openApp } from '@/lib/links';

import { useFinishTotp, useRemoveTotp, useStartTotp } from '../api';
import { grouped } from '../model';

interface TotpCardProps {
  totp: Authenticator | undefined;
  /** Recovery codes come with the first factor and are shown once. */
  onCodes: (codes: string[] | null) => void;
}

/** The authenticator app: set up by QR code, or taken off. */
export function TotpCard({ totp, onCodes }: TotpCardProps) {
  const start = useStartTotp();
  const done = (codes: string[] | null) => {
    start.reset();
    onCodes(codes);
  };
  return (
    <Card>
      <Box gap="md">
        <Box align="flex-start" gap="sm" justify="space-between" row wrap>
          <Text display level={2} size="title">
            Authenticator app
          </Text>
          {totp && <Badge icon="check" kind="ok" title="on" />}
        </Box>
        <Text size="small" tone="ink2">
          An app on your phone shows a new code every half minute. It works without a network, too.
        </Text>
        {start.error && refusalOf(start.error) && (
          <Notice kind="bad" title="Not begun">
            {messageOf(start.error)}
          </Notice>
        )}
        {totp ? (
          <Remove />
        ) : start.data ? (
          <Setup onCancel={start.reset} onCodes={done} secret={start.data} />
        ) : (
          <Box row>
            <Button busy={start.isPending} compact icon="plus" kind="secondary" onPress={() => start.mutate()} title="Set up" />
          </Box>
        )}
      </Box>
      <ConfirmSheet of={start} />
    </Card>
  );
}

interface SetupProps {
  secret: TotpSecret;
  onCodes: TotpCardProps['onCodes'];
  onCancel: () => void;
}

function Setup({ secret, onCodes, onCancel }: SetupProps) {
  const [code, setCode] = useState('');
  const [copied, setCopied] = useState(false);
  const finish = useFinishTotp(onCodes);
  const filled = code.trim().length >= 6;
  const submit = () => filled && !finish.isPending && finish.mutate(code);
  const wrong = refusalOf(finish.error);
  return (
    <Box gap="lg">
      <Text>1. Scan this with the app, or type the key into it.</Text>
      <Box align="center" gap="md">
        <QrCode label="QR code with the key for your authenticator app" size={200} text={secret.url} />
        <Text center label={`Key: ${secret.secret.split('').join(' ')}`} numeric selectable size="small">
          {grouped(secret.secret)}
        </Text>
        <Box gap="sm" justify="center" row wrap>
          <Button
            compact
            icon={copied ? 'check' : undefined}
            kind="secondary"
            onPress={() => void copyText(secret.secret).then(setCopied)}
            title={copied ? 'Key copied' : 'Copy the key'}
          />
          <Button compact kind="quiet" onPress={() => openApp(secret.url)} title="Open it on this device" />
        </Box>
      </Box>
      <TextField
        autoComplete="one-time-code"
        error={fieldOf(wrong, 'code')}
        keyboard="number-pad"
        label="2. The code that it shows"
        maxLength={7}
        onChange={setCode}
        onSubmit={submit}
        value={code}
      />
      {wrong && fieldOf(wrong, 'code') === null && (
        <Notice kind="bad" title="Not set up">
          {messageOf(wrong)}
        </Notice>
      )}
      <Box gap="sm">
        <Button busy={finish.isPending} disabled={!filled} onPress={submit} title="Turn it on" />
        <Button kind="quiet" onPress={onCancel} title="Not now" />
      </Box>
      <ConfirmSheet of={finish} />
    </Box>
  );
}

function Remove() {
  const [asking, setAsking] = useState(false);
  const remove = useRemoveTotp();
  const wrong = refusalOf(remove.error);
  const begin = () => {
    setAsking(false);
    remove.mutate(undefined);
  };
  return (
    <Box gap="md">
      {wrong && (
        <Notice kind="bad" title="Still on">
          {messageOf(wrong)}
        </Notice>
      )}
      <Box row>
        <Button busy={remove.isPending} compact kind="danger" label="Take the authenticator app off" onPress={() => setAsking(true)} title="Take it off" />
      </Box>
      <Sheet
        footer={
          <Box gap="sm">
            <Button kind="danger" onPress={begin} title="Take it off" />
            <Button kind="quiet" onPress={() => setAsking(false)} title="Keep it" />
          </Box>
        }
        onClose={() => setAsking(false)}
        open={asking}
        title="Without the app?"
      >
        <Text>Its codes won’t count any more. If it is your only second step, a password alone opens the account again.</Text>
      </Sheet>
      <ConfirmSheet of={remove} />
    </Box>
  );
}
