import { useQuery } from '@tanstack/react-query';

import { Box, Button, IconButton, Loading, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';
import { meQuery } from '@/lib/queries/me';

import { SignedIn } from './components/signed-in';
import { SignInForm } from './components/sign-in-form';

/** One's own things: orders, and the account for those who want one. */
export default function AccountScreen(_: ScreenProps<'account'>) {
  const nav = useNav();
  const me = useQuery(meQuery);
  return (
    <Screen>
      <Box gap="lg">
        <IconButton icon="back" label="Back" onPress={() => nav.back('home')} />
        <Text display level={1} size="hero">
          {me.data?.name ? `Hello, ${me.data.name.split(' ')[0] ?? me.data.name}` : 'Hello'}
        </Text>
      </Box>
      <Button kind="secondary" onPress={() => nav.go('orders')} title="Your orders" trailingIcon="right" />
      {me.data === undefined && !me.error && (
        <Loading label="Looking who you are">
          <Skeleton height={84} rounded="lg" />
        </Loading>
      )}
      {me.error && me.data === undefined && (
        <Notice
          action={<Button compact icon="refresh" kind="secondary" onPress={() => void me.refetch()} title="Try again" />}
          icon="offline"
          kind="warn"
          title="Your account didn’t load"
        >
          {messageOf(me.error)}
        </Notice>
      )}
      {me.data && <SignedIn me={me.data} />}
      {me.data === null && <SignInForm />}
    </Screen>
  );
}
