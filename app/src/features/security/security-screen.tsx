import { useQuery } from '@tanstack/react-query';

import { AddressProblem } from '@/components/address-problem';
import { MembersOnly } from '@/components/members-only';
import { LinkList, LinkRow } from '@/components/ui';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useAddressProblem } from '@/lib/queries/mine';
import { hrefTo } from '@/navigation/routes';

import { addressesQuery, authenticatorsQuery, sessionsQuery } from './api';
import { devicesText, emailText, twoStepText } from './model';

function Ways() {
  const nav = useNav();
  const addresses = useQuery(addressesQuery).data;
  const authenticators = useQuery(authenticatorsQuery).data;
  const sessions = useQuery(sessionsQuery).data;
  const problem = useAddressProblem();
  return (
    <>
      <AddressProblem />
      <LinkList label="Signing in">
        <LinkRow
          detail={emailText(addresses)}
          href={hrefTo('email')}
          icon="mail"
          onPress={() => nav.go('email')}
          title="E-mail"
          tone={problem ? 'warn' : 'ink2'}
        />
        <LinkRow href={hrefTo('password')} icon="lock" onPress={() => nav.go('password')} title="Password" />
        <LinkRow
          detail={twoStepText(authenticators)}
          href={hrefTo('twoStep')}
          icon="shield"
          onPress={() => nav.go('twoStep')}
          title="Two-step sign-in"
        />
        <LinkRow
          detail={devicesText(sessions)}
          href={hrefTo('devices')}
          icon="device"
          onPress={() => nav.go('devices')}
          title="Devices"
        />
      </LinkList>
    </>
  );
}

/** Everything about getting in: how it stands, and where to change it. */
export default function SecurityScreen(_: ScreenProps<'security'>) {
  return (
    <MembersOnly title="Signing in" why="Here you would see how your account is kept.">
      {() => <Ways />}
    </MembersOnly>
  );
}
