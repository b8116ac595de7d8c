import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Loaded } from '@/components/loaded';
import { PageHead } from '@/components/page-head';
import { LinkList, LinkRow, Notice, Screen } from '@/components/ui';
import type { AuthStep, Way } from '@/lib/api/allauth';
import { useNav, type ScreenProps } from '@/lib/nav';
import { meQuery } from '@/lib/queries/me';
import { signInNotes } from '@/lib/sign-in-notes';
import { useStore } from '@/lib/store';
import { hrefTo } from '@/navigation/routes';

import { SecondStep } from './components/second-step';
import { SignedIn } from './components/signed-in';
import { SignInForm } from './components/sign-in-form';
import { greeting } from './model';

const NEWS = {
  verified: ['Your address is confirmed', 'Sign in, and you’re all set.'],
  'password-set': ['Your new password counts', 'Sign in with it. All other devices were signed out.'],
  'signed-out': ['You’re signed out', 'Orders made on this device as a guest stay here.'],
} as const;

function News() {
  const { news } = useStore(signInNotes);
  if (!news) return null;
  const [title, says] = NEWS[news];
  return (
    <Notice kind="ok" title={title}>
      {says}
    </Notice>
  );
}

/** Signing in, step by step; a guest's orders stay one tap away. */
function Guest() {
  const nav = useNav();
  const [ways, setWays] = useState<Way[] | null>(null);
  const follow = (step: AuthStep) => {
    if (step.kind === 'verify') nav.go('mailbox');
    setWays(step.kind === 'second' ? step.ways : null);
  };
  if (ways) return <SecondStep onLeave={() => setWays(null)} onStep={follow} ways={ways} />;
  return (
    <>
      <News />
      <SignInForm onStep={follow} />
      <LinkList>
        <LinkRow
          detail="The orders that this device remembers"
          href={hrefTo('orders')}
          icon="bag"
          onPress={() => nav.go('orders')}
          title="Your orders"
        />
        <LinkRow href={hrefTo('welcome')} icon="info" onPress={() => nav.go('welcome')} title="How it works" />
      </LinkList>
    </>
  );
}

/** One's own things: orders, and the account for those who want one. */
export default function AccountScreen(_: ScreenProps<'account'>) {
  const me = useQuery(meQuery);
  return (
    <Screen>
      <PageHead back="home" title={greeting(me.data)} />
      <Loaded failed="Your account didn’t load" label="Looking who you are" query={me} shapes={[84, 220]}>
        {(known) => (known ? <SignedIn me={known} /> : <Guest />)}
      </Loaded>
    </Screen>
  );
}
