import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import type { Authenticator } from '@/lib/api/accounts';
import type { ScreenProps } from '@/lib/nav';
import { hasPasskeys } from '@/lib/passkeys';

import { authenticatorsQuery } from './api';
import { CodesOnce } from './components/codes-once';
import { Passkeys } from './components/passkeys';
import { RecoveryCodes } from './components/recovery-codes';
import { TotpCard } from './components/totp-card';

function Factors({ authenticators }: { authenticators: readonly Authenticator[] }) {
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) return <CodesOnce codes={codes} onDone={() => setCodes(null)} />;
  const recovery = authenticators.find((one) => one.type === 'recovery_codes');
  const passkeys = authenticators.filter((one) => one.type === 'webauthn');
  return (
    <>
      <TotpCard onCodes={setCodes} totp={authenticators.find((one) => one.type === 'totp')} />
      {(hasPasskeys() || passkeys.length > 0) && <Passkeys onCodes={setCodes} passkeys={passkeys} />}
      {recovery && <RecoveryCodes codes={recovery} onCodes={setCodes} />}
    </>
  );
}

/** Second factors: an authenticator app, passkeys, and codes for the day they are lost. */
export default function TwoStepScreen(_: ScreenProps<'twoStep'>) {
  const authenticators = useQuery(authenticatorsQuery);
  return (
    <MembersOnly
      back="security"
      says="With a second step, a stolen password alone opens nothing."
      title="Two-step sign-in"
      why="Sign in to protect your account with a second step."
    >
      {() => (
        <Loaded failed="This didn’t load" label="Loading your second steps" query={authenticators} shapes={[150, 150]}>
          {(known) => <Factors authenticators={known} />}
        </Loaded>
      )}
    </MembersOnly>
  );
}
