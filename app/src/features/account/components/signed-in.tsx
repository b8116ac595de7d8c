import type { Me } from '@/api/types';
import { Box, Button, Card, Notice, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { openPage } from '@/lib/links';

import { useSignOut } from '../api';

/** Who one is here, and the way out. */
export function SignedIn({ me }: { me: Me }) {
  const signOut = useSignOut();
  const staff = me.roles.length > 0;
  return (
    <Box gap="lg">
      <Card>
        <Box gap="xs">
          <Text display level={2} size="title">
            {me.name || 'Signed in'}
          </Text>
          <Text tone="ink2">{me.email_hint}</Text>
        </Box>
      </Card>
      {staff && <Button kind="secondary" onPress={() => openPage('/staff/')} title="Staff screens" trailingIcon="right" />}
      {signOut.error && <Notice kind="bad" title="Still signed in">{messageOf(signOut.error)}</Notice>}
      <Button busy={signOut.isPending} kind="quiet" onPress={() => signOut.mutate()} title="Sign out" />
    </Box>
  );
}
