import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { AddressProblem } from '@/components/address-problem';
import { ConfirmSheet, refusalOf } from '@/components/confirm-sheet';
import { EmailField } from '@/components/email-field';
import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import { Badge, Box, Button, Card, Notice, Text } from '@/components/ui';
import { fieldOf, messageOf } from '@/lib/api';
import type { Address } from '@/lib/api/accounts';
import { focusFirstWrong } from '@/lib/focus';
import type { ScreenProps } from '@/lib/nav';

import { addressesQuery, useChangeAddress, useRemindAddress, useWithdrawAddress } from './api';

/** A new address that its owner has still to confirm; the old one works until then. */
function Waiting({ address }: { address: Address }) {
  const remind = useRemindAddress();
  const withdraw = useWithdrawAddress();
  const wrong = remind.error ?? refusalOf(withdraw.error);
  return (
    <Card>
      <Box gap="md">
        <Box align="flex-start" gap="sm" justify="space-between" row wrap>
          <Text bold>{address.email}</Text>
          <Badge icon="clock" kind="warn" title="waits for its link" />
        </Box>
        <Text size="small" tone="ink2">
          Open the link that we sent there. Until then the old address counts.
        </Text>
        {wrong && (
          <Notice icon="clock" kind="warn" title="Not yet">
            {messageOf(wrong)}
          </Notice>
        )}
        {remind.isSuccess && <Notice kind="ok" title="Another mail is on its way" />}
        <Box gap="sm" row wrap>
          <Button busy={remind.isPending} compact icon="refresh" kind="secondary" onPress={() => remind.mutate(address.email)} title="Send it again" />
          <Button busy={withdraw.isPending} compact kind="quiet" onPress={() => withdraw.mutate(address.email)} title="Keep the old one" />
        </Box>
      </Box>
      <ConfirmSheet of={withdraw} />
    </Card>
  );
}

function ChangeForm() {
  const [email, setEmail] = useState('');
  const change = useChangeAddress();
  const filled = email.trim() !== '';
  const options = { onSuccess: () => setEmail(''), onError: focusFirstWrong };
  const submit = () => filled && !change.isPending && change.mutate(email, options);
  const wrong = refusalOf(change.error);
  return (
    <Box gap="lg">
      <Text display level={2} size="title">
        Another address
      </Text>
      <EmailField
        error={fieldOf(wrong, 'email')}
        hint="We send a link there, and tell the old address too."
        label="New e-mail"
        onChange={setEmail}
        onSubmit={submit}
        value={email}
      />
      {wrong && fieldOf(wrong, 'email') === null && (
        <Notice kind="bad" title="Not changed">
          {messageOf(wrong)}
        </Notice>
      )}
      <Button busy={change.isPending} disabled={!filled} onPress={submit} title="Send the link" />
      <ConfirmSheet again={(input) => change.mutate(input, options)} of={change} />
    </Box>
  );
}

function Addresses() {
  const addresses = useQuery(addressesQuery);
  return (
    <Loaded failed="Your addresses didn’t load" label="Loading your addresses" query={addresses}>
      {(known) => (
        <Box gap="lg">
          {known.filter((address) => address.verified).map((address) => (
            <Card key={address.email}>
              <Box align="flex-start" gap="sm" justify="space-between" row wrap>
                <Text bold>{address.email}</Text>
                <Badge icon="check" kind="ok" title="confirmed" />
              </Box>
            </Card>
          ))}
          {known.filter((address) => !address.verified).map((address) => (
            <Waiting address={address} key={address.email} />
          ))}
          <ChangeForm />
        </Box>
      )}
    </Loaded>
  );
}

/** The address that one signs in with and that receipts go to. */
export default function EmailScreen(_: ScreenProps<'email'>) {
  return (
    <MembersOnly back="security" title="Your e-mail address" why="Without an account you give an address with each order.">
      {() => (
        <>
          <AddressProblem here />
          <Addresses />
        </>
      )}
    </MembersOnly>
  );
}
