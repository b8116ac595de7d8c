import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import type { Me } from '@/api/types';
import { Box, Button, EmptyState, Screen } from '@/components/ui';
import { useNav, type RouteName } from '@/lib/nav';
import { meQuery } from '@/lib/queries/me';

import { Loaded } from './loaded';
import { PageHead } from './page-head';

interface MembersOnlyProps {
  title: string;
  says?: string;
  back?: RouteName;
  /** Why one would want an account for this. */
  why: string;
  footer?: ReactNode;
  children: (me: Me) => ReactNode;
}

/** A page of one's own: guests are told what it would give them, and where to begin. */
export function MembersOnly({ title, says, back = 'account', why, footer, children }: MembersOnlyProps) {
  const me = useQuery(meQuery);
  return (
    <Screen footer={me.data ? footer : undefined}>
      <PageHead back={back} says={says} title={title} />
      <Loaded failed="Your account didn’t load" label="Looking who you are" query={me}>
        {(known) => (known ? children(known) : <SignInFirst why={why} />)}
      </Loaded>
    </Screen>
  );
}

function SignInFirst({ why }: { why: string }) {
  const nav = useNav();
  return (
    <EmptyState
      action={
        <Box gap="sm">
          <Button onPress={() => nav.go('account')} title="Sign in" />
          <Button kind="quiet" onPress={() => nav.go('signUp')} title="Make an account" />
        </Box>
      }
      title="This belongs to an account"
    >
      {why}
    </EmptyState>
  );
}
