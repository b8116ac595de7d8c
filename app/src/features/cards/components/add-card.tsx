import { useState } from 'react';

import type { AppConfig } from '@/api/types';
import { Announce, Box, Button, Card, Notice, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { absoluteAddress } from '@/lib/links';
import { lookOf } from '@/lib/payments/look';
import { usePaymentForm } from '@/lib/payments/payments';
import type { PaymentOutcome } from '@/lib/payments/types';
import { useConfig } from '@/lib/queries/config';
import { hrefTo } from '@/navigation/routes';
import { useTheme } from '@/theme';

import { useCardSaved, useStartSaving } from '../api';

/** Saves a card without paying: a button, then the provider's own form. */
export function AddCard({ first }: { first: boolean }) {
  const config = useConfig();
  const start = useStartSaving();
  const [saved, setSaved] = useState(0);
  if (start.data && config) {
    const done = () => {
      setSaved((count) => count + 1);
      start.reset();
    };
    const secret = start.data.client_secret;
    return (
      <SaveForm
        config={config} key={secret} onAnother={() => start.mutate()} onCancel={start.reset} onSaved={done} secret={secret}
      />
    );
  }
  return (
    <Box gap="md">
      {start.error && (
        <Notice kind="bad" title="No card form yet">
          {messageOf(start.error)}
        </Notice>
      )}
      <Announce>{saved > 0 ? 'Card saved.' : ''}</Announce>
      <Button
        busy={start.isPending}
        icon="plus"
        kind={first ? 'primary' : 'secondary'}
        onPress={() => start.mutate()}
        title={first ? 'Add a card' : 'Add another card'}
      />
    </Box>
  );
}

interface SaveFormProps {
  config: AppConfig;
  secret: string;
  onSaved: () => void;
  onAnother: () => void;
  onCancel: () => void;
}

function SaveForm({ config, secret, onSaved, onAnother, onCancel }: SaveFormProps) {
  const { color, isDark } = useTheme();
  const refresh = useCardSaved();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<PaymentOutcome | null>(null);
  const form = usePaymentForm({
    stripe: config.stripe,
    mode: config.mode,
    clientSecret: secret,
    purpose: 'save',
    returnUrl: absoluteAddress(hrefTo('cards')),
    look: lookOf(isDark, color),
  });
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setOutcome(null);
    const found = await form.confirm();
    setOutcome(found);
    if (found.kind === 'confirmed') await refresh().then(onSaved);
    else setBusy(false);
  };
  const wrong = form.problem ?? (outcome && 'message' in outcome ? outcome.message : null);
  if (outcome?.kind === 'closed') return <ClosedForm onAnother={onAnother} onCancel={onCancel} />;
  return (
    <Card>
      <Box gap="lg">
        {wrong !== null && (
          <Notice
            action={form.problem === null ? undefined : <Button compact kind="secondary" onPress={form.reload} title="Try again" />}
            kind="bad"
            title={form.problem === null ? 'Not saved' : 'No card form yet'}
          >
            {wrong}
          </Notice>
        )}
        {!form.ready && form.problem === null && <Skeleton height={180} rounded="md" />}
        {form.problem === null && <Box style={form.ready ? undefined : { height: 0, overflow: 'hidden' }}>{form.view}</Box>}
        <Text size="small" tone="ink2">
          Your card goes straight to the payment provider; we never see it. Nothing is charged now.
        </Text>
        <Box gap="sm">
          <Button busy={busy} disabled={!form.ready} onPress={() => void save()} title="Save the card" />
          <Button kind="quiet" onPress={onCancel} title="Not now" />
        </Box>
      </Box>
    </Card>
  );
}

function ClosedForm({ onAnother, onCancel }: Pick<SaveFormProps, 'onAnother' | 'onCancel'>) {
  return (
    <Notice
      action={
        <>
          <Button compact kind="secondary" onPress={onAnother} title="New form" />
          <Button compact kind="quiet" onPress={onCancel} title="Not now" />
        </>
      }
      kind="bad"
      title="This form takes no more cards"
    >
      Too many were declined in it, and nothing was saved. Check the card with your bank, or try another in a new form.
    </Notice>
  );
}
