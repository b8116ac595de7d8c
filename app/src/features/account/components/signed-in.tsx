import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import type { Me } from '@/api/types';
import { AddressProblem } from '@/components/address-problem';
import { Box, Button, Card, LinkList, LinkRow, Notice, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { openPage } from '@/lib/links';
import { useNav, type RouteName } from '@/lib/nav';
import { preferencesQuery } from '@/lib/queries/mine';
import { markTutorialSeen } from '@/lib/tutorial';
import { hrefTo } from '@/navigation/routes';

import { useSignOut } from '../api';
import { ClaimOrders } from './claim-orders';

type Plain = Extract<
  RouteName,
  'orders' | 'favourites' | 'cards' | 'taste' | 'name' | 'security' | 'messages' | 'privacy' | 'welcome'
>;

function Way({ to, ...row }: { to: Plain } & Pick<Parameters<typeof LinkRow>[0], 'icon' | 'title' | 'detail' | 'tone'>) {
  const nav = useNav();
  return <LinkRow {...row} href={hrefTo(to)} onPress={() => nav.go(to)} />;
}

/** Who knows how it works from another device is not told again on this one. */
function useKnownTutorial(): void {
  const done = useQuery(preferencesQuery).data?.tutorial_done === true;
  useEffect(() => {
    if (done) markTutorialSeen();
  }, [done]);
}

/** Who one is here, everything that is one's own, and the way out. */
export function SignedIn({ me }: { me: Me }) {
  const nav = useNav();
  const signOut = useSignOut();
  useKnownTutorial();
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
      <AddressProblem />
      {me.second_factor_needed && (
        <Notice
          action={<Button compact kind="secondary" onPress={() => nav.go('twoStep')} title="Set it up" />}
          icon="shield"
          kind="warn"
          title="Your staff role waits for a second step"
        >
          Set up two-step sign-in, then sign in with it: staff screens open only after both.
        </Notice>
      )}
      <ClaimOrders />
      <LinkList label="Drinks">
        <Way icon="bag" title="Your orders" to="orders" />
        <Way detail="Again with one tap" icon="heart" title="Your favourites" to="favourites" />
        <Way detail="Likes, sweetness, ice, allergies" icon="taste" title="Your taste" to="taste" />
        <Way icon="card" title="Payment methods" to="cards" />
      </LinkList>
      <LinkList label="Account">
        <Way icon="person" title="Your name" to="name" />
        <Way detail="Password, e-mail, two-step sign-in, devices" icon="lock" title="Signing in" to="security" />
        <Way detail="What we write to you about" icon="bell" title="Messages" to="messages" />
        <Way detail="See it, take it with you, delete it" icon="shield" title="Your data" to="privacy" />
        <Way icon="info" title="How it works" to="welcome" />
        {me.roles.length > 0 && <LinkRow icon="star" onPress={() => openPage('/staff/')} title="Staff screens" />}
      </LinkList>
      {signOut.error && (
        <Notice kind="bad" title="Still signed in">
          {messageOf(signOut.error)}
        </Notice>
      )}
      <Button busy={signOut.isPending} icon="leave" kind="quiet" onPress={() => signOut.mutate()} title="Sign out" />
    </Box>
  );
}
