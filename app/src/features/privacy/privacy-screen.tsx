import { useQuery } from '@tanstack/react-query';

import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import { LinkList, LinkRow } from '@/components/ui';
import { openPage } from '@/lib/links';
import type { ScreenProps } from '@/lib/nav';

import { noticeQuery, privacyQuery } from './api';
import { Consents } from './components/consents';
import { Erasure } from './components/erasure';
import { Exports } from './components/exports';

function Privacy() {
  const mine = useQuery(privacyQuery);
  const notice = useQuery(noticeQuery);
  return (
    <Loaded failed="Your data page didn’t load" label="Loading your choices" query={mine} shapes={[240, 140, 140]}>
      {(known) => (
        <>
          <Loaded failed="The purposes didn’t load" label="Loading the purposes" query={notice} shapes={[240]}>
            {(said) => <Consents consents={known.consents} purposes={said.purposes} />}
          </Loaded>
          <LinkList>
            <LinkRow
              detail={notice.data && `Version ${notice.data.current.version}`}
              icon="info"
              onPress={() => openPage('/privacy')}
              title="The whole privacy notice"
            />
          </LinkList>
          <Exports files={known.exports} />
          <Erasure erasure={known.erasure} />
        </>
      )}
    </Loaded>
  );
}

/** A person's own data: what it may be used for, all of it in a file, and an end to it. */
export default function PrivacyScreen(_: ScreenProps<'privacy'>) {
  return (
    <MembersOnly
      says="What we may do with it, all of it in a file, and an end to it."
      title="Your data"
      why="Without an account we keep only your orders. Sign in to see and decide about more."
    >
      {() => <Privacy />}
    </MembersOnly>
  );
}
