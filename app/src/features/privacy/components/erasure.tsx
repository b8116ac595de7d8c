import { useState } from 'react';

import type { Erasure as Wish } from '@/api/types';
import { ConfirmSheet, refusalOf } from '@/components/confirm-sheet';
import { Box, Button, Card, Checkbox, Notice, Sheet, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';

import { useAskForErasure, useWithdrawErasure } from '../api';
import { dateText } from '../model';

/** The end of an account: asked for twice, a week to think it over, and then really gone. */
export function Erasure({ erasure }: { erasure: Wish | null }) {
  return (
    <Card>
      <Box gap="md">
        <Text display level={2} size="title">
          Delete my account
        </Text>
        {erasure ? <UnderWay erasure={erasure} /> : <Ask />}
      </Box>
    </Card>
  );
}

function Ask() {
  const [asking, setAsking] = useState(false);
  const [sure, setSure] = useState(false);
  const ask = useAskForErasure();
  const wrong = refusalOf(ask.error);
  const close = () => {
    setAsking(false);
    setSure(false);
  };
  const erase = () => {
    close();
    ask.mutate(undefined);
  };
  return (
    <>
      <Text size="small" tone="ink2">
        Your name, address, cards, favourites and tastes go. Tax law wants us to keep what was paid, without who paid it.
      </Text>
      {wrong && (
        <Notice kind="bad" title="Not deleted">
          {messageOf(wrong)}
        </Notice>
      )}
      <Box row>
        <Button busy={ask.isPending} compact kind="danger" onPress={() => setAsking(true)} title="Delete my account…" />
      </Box>
      <Sheet
        footer={
          <Box gap="sm">
            <Button disabled={!sure} kind="danger" onPress={erase} title="Delete it" />
            <Button kind="quiet" onPress={close} title="Keep my account" />
          </Box>
        }
        onClose={close}
        open={asking}
        title="Delete your account?"
      >
        <Text>You have a week to change your mind. After that nobody can bring it back, us included.</Text>
        <Text tone="ink2">An order that is being made is finished first, and refunds under way still reach you.</Text>
        <Checkbox checked={sure} onChange={setSure} title="Yes, delete everything about me" />
      </Sheet>
      <ConfirmSheet act="delete this account" of={ask} />
    </>
  );
}

function UnderWay({ erasure }: { erasure: Wish }) {
  const withdraw = useWithdrawErasure();
  return (
    <>
      <Notice icon="clock" kind="warn" title={erasure.state === 'asked' ? `Your account goes on ${dateText(erasure.due_at)}` : 'Your account is being deleted'}>
        {erasure.waits_for || 'A mail tells you when it’s done.'}
      </Notice>
      {withdraw.error && (
        <Notice kind="bad" title="Not taken back">
          {messageOf(withdraw.error)}
        </Notice>
      )}
      {erasure.state === 'asked' && (
        <Button busy={withdraw.isPending} kind="secondary" onPress={() => withdraw.mutate(undefined)} title="Keep my account after all" />
      )}
    </>
  );
}
