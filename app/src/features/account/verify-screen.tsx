import { useQuery } from '@tanstack/react-query';

import { HouseGlass } from '@/components/house-glass';
import { PageHead } from '@/components/page-head';
import { Box, Button, Loading, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { ApiError, messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useMe } from '@/lib/queries/me';
import { noteForSignIn } from '@/lib/sign-in-notes';

import { linkQuery, useVerify } from './api';
import { LinkGone } from './components/link-gone';

/** The programs that scan mail open links too, so that opening one confirms nothing: a tap does. */
function Confirm({ email, linkKey }: { email: string | null; linkKey: string }) {
  const nav = useNav();
  const me = useMe();
  const verify = useVerify();
  const confirm = () =>
    verify.mutate(linkKey, {
      onSuccess: (step) => {
        if (!me && step?.kind !== 'in') noteForSignIn({ email: email ?? '', news: 'verified' });
        nav.replace(me ? 'email' : 'account');
      },
    });
  const used = verify.error instanceof ApiError && verify.error.status === 400;
  return (
    <Box gap="lg">
      <Box align="center" padY="lg" rounded="lg" tile="mint">
        <HouseGlass size={110} />
      </Box>
      {email === null ? (
        <Text>Confirm that this mailbox is yours.</Text>
      ) : (
        <Text>
          Confirm that <Text bold>{email}</Text> is yours.
        </Text>
      )}
      {verify.error && (
        <Notice kind="bad" title={used ? 'This link was used meanwhile' : 'Not confirmed'}>
          {used ? 'Try to sign in; or have another link sent.' : messageOf(verify.error)}
        </Notice>
      )}
      <Button busy={verify.isPending} onPress={confirm} title="Yes, it’s mine" />
      <Text size="small" tone="ink2">
        It wasn’t you? Close this page: without your tap nothing happens, and the account never opens.
      </Text>
    </Box>
  );
}

/** Where the link of a mail leads: this address is mine. */
export default function VerifyScreen({ params }: ScreenProps<'verify'>) {
  const nav = useNav();
  const link = useQuery(linkQuery(params.key));
  return (
    <Screen>
      <PageHead back="home" title="Confirm your address" />
      {link.data !== undefined && <Confirm email={link.data} linkKey={params.key} />}
      {link.data === undefined && link.error && (
        <LinkGone
          action={{ title: 'Send me another', onPress: () => nav.replace('mailbox') }}
          error={link.error}
          onRetry={() => void link.refetch()}
        >
          It was used already, is older than a day, or a newer one was sent. If you confirmed before, you can simply sign in.
        </LinkGone>
      )}
      {link.data === undefined && link.error && <Button kind="quiet" onPress={() => nav.replace('account')} title="Sign in" />}
      {link.data === undefined && !link.error && (
        <Loading label="Looking at your link">
          <Skeleton height={180} rounded="lg" />
          <Skeleton height={56} rounded="md" />
        </Loading>
      )}
    </Screen>
  );
}
