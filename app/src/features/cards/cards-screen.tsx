import { useQuery } from '@tanstack/react-query';

import { Loaded } from '@/components/loaded';
import { Box, Button, EmptyState, IconButton, Screen, Text } from '@/components/ui';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useSavedCards } from '@/lib/queries/cards';
import { meQuery } from '@/lib/queries/me';

import { AddCard } from './components/add-card';
import { CardRow } from './components/card-row';

function SignInFirst() {
  const nav = useNav();
  return (
    <EmptyState action={<Button onPress={() => nav.go('account')} title="Sign in" />} title="Cards belong to an account">
      Sign in to save a card for next time. Without an account you simply pay each order on its own.
    </EmptyState>
  );
}

function Cards() {
  return (
    <Loaded failed="Your cards didn’t load" label="Loading your cards" query={useSavedCards()}>
      {(cards) => (
        <Box gap="lg">
          {cards.length === 0 && (
            <EmptyState title="No cards saved yet">Save one, and paying takes a single tap next time.</EmptyState>
          )}
          {cards.map((card) => (
            <CardRow card={card} key={card.id} />
          ))}
          <AddCard first={cards.length === 0} />
          <Text size="small" tone="ink2">
            The payment provider keeps your cards. We know only which ones are yours.
          </Text>
        </Box>
      )}
    </Loaded>
  );
}

/** Payment methods: the saved cards, which comes first, another one, one less. */
export default function CardsScreen(_: ScreenProps<'cards'>) {
  const nav = useNav();
  const me = useQuery(meQuery);
  return (
    <Screen>
      <Box gap="lg">
        <IconButton icon="back" label="Back" onPress={() => nav.back('account')} />
        <Text display level={1} size="hero">
          Payment methods
        </Text>
      </Box>
      <Loaded failed="Your account didn’t load" label="Looking who you are" query={me}>
        {(known) => (known ? <Cards /> : <SignInFirst />)}
      </Loaded>
    </Screen>
  );
}
