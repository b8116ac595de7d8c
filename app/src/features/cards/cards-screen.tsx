import { Box, Button, EmptyState, IconButton, Loading, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useSavedCards } from '@/lib/queries/cards';
import { useMe } from '@/lib/queries/me';

import { AddCard } from './components/add-card';
import { CardRow } from './components/card-row';

function Waiting() {
  return (
    <Loading label="Loading your cards">
      <Skeleton height={96} rounded="lg" />
      <Skeleton height={96} rounded="lg" />
    </Loading>
  );
}

function SignInFirst() {
  const nav = useNav();
  return (
    <EmptyState action={<Button onPress={() => nav.go('account')} title="Sign in" />} title="Cards belong to an account">
      Sign in to save a card for next time. Without an account you simply pay each order on its own.
    </EmptyState>
  );
}

function Cards() {
  const cards = useSavedCards();
  if (cards.data === undefined) {
    if (!cards.error) return <Waiting />;
    return (
      <Notice
        action={<Button compact icon="refresh" kind="secondary" onPress={() => void cards.refetch()} title="Try again" />}
        icon="offline"
        kind="warn"
        title="Your cards didn’t load"
      >
        {messageOf(cards.error)}
      </Notice>
    );
  }
  return (
    <Box gap="lg">
      {cards.data.length === 0 && (
        <EmptyState title="No cards saved yet">Save one, and paying takes a single tap next time.</EmptyState>
      )}
      {cards.data.map((card) => (
        <CardRow card={card} key={card.id} />
      ))}
      <AddCard first={cards.data.length === 0} />
      <Text size="small" tone="ink2">
        The payment provider keeps your cards. We know only which ones are yours.
      </Text>
    </Box>
  );
}

/** Payment methods: the saved cards, which comes first, another one, one less. */
export default function CardsScreen(_: ScreenProps<'cards'>) {
  const nav = useNav();
  const me = useMe();
  return (
    <Screen>
      <Box gap="lg">
        <IconButton icon="back" label="Back" onPress={() => nav.back('account')} />
        <Text display level={1} size="hero">
          Payment methods
        </Text>
      </Box>
      {me === undefined && <Waiting />}
      {me === null && <SignInFirst />}
      {me && <Cards />}
    </Screen>
  );
}
