import { useState } from 'react';

import { Box, Button, Notice, Text, TextField } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import type { AuthStep, Way } from '@/lib/api/allauth';
import { focusFirstWrong } from '@/lib/focus';
import { hasPasskeys } from '@/lib/passkeys';

import { useGiveCode, useGivePasskey } from '../api';

interface SecondStepProps {
  ways: readonly Way[];
  onStep: (step: AuthStep) => void;
  onLeave: () => void;
}

/** After the right password: the code of the authenticator app, a recovery code, or a passkey. */
export function SecondStep({ ways, onStep, onLeave }: SecondStepProps) {
  const [recovering, setRecovering] = useState(!ways.includes('totp') && !ways.includes('webauthn'));
  return (
    <Box gap="lg">
      <Box gap="xs">
        <Text display level={2} size="title">
          One more step
        </Text>
        <Text tone="ink2">Your password was right. This account also asks for something that only you have.</Text>
      </Box>
      {ways.includes('webauthn') && hasPasskeys() && <PasskeyWay onStep={onStep} />}
      {recovering ? <CodeWay key="recovery" onStep={onStep} recovering /> : ways.includes('totp') && <CodeWay key="totp" onStep={onStep} />}
      <Box gap="sm">
        {ways.includes('recovery_codes') && (
          <Button
            kind="quiet"
            onPress={() => setRecovering(!recovering)}
            title={recovering ? 'Use the other way' : 'I lost it: use a recovery code'}
          />
        )}
        <Button kind="quiet" onPress={onLeave} title="Sign in as somebody else" />
      </Box>
    </Box>
  );
}

function PasskeyWay({ onStep }: Pick<SecondStepProps, 'onStep'>) {
  const passkey = useGivePasskey('second');
  return (
    <Box gap="md">
      <Button
        busy={passkey.isPending}
        icon="key"
        onPress={() => passkey.mutate(undefined, { onSuccess: (step) => step && onStep(step) })}
        title="Use a passkey"
      />
      {passkey.error && (
        <Notice kind="bad" title="The passkey wasn’t taken">
          {messageOf(passkey.error)}
        </Notice>
      )}
    </Box>
  );
}

function CodeWay({ onStep, recovering = false }: Pick<SecondStepProps, 'onStep'> & { recovering?: boolean }) {
  const [code, setCode] = useState('');
  const give = useGiveCode();
  const filled = code.trim() !== '';
  const submit = () => {
    if (!filled || give.isPending) return;
    give.mutate(code, { onSuccess: (step) => step && onStep(step), onError: focusFirstWrong });
  };
  const atField = fieldOf(give.error, 'code');
  return (
    <Box gap="lg">
      <TextField
        autoComplete="one-time-code"
        capitals="none"
        error={atField}
        hint={recovering ? 'Each of them works once.' : 'Six digits, new every half minute.'}
        keyboard={recovering ? 'default' : 'number-pad'}
        label={recovering ? 'Recovery code' : 'Code from your authenticator app'}
        maxLength={20}
        onChange={setCode}
        onSubmit={submit}
        value={code}
      />
      {give.error && !atField && (
        <Notice kind="bad" title="Not signed in">
          {messageOf(give.error)}
        </Notice>
      )}
      <Button busy={give.isPending} disabled={!filled} onPress={submit} title="Continue" />
    </Box>
  );
}
