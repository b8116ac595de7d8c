import { Loaded } from '@/components/loaded';
import { MembersOnly } from '@/components/members-only';
import { Box, EmptyState, Text } from '@/components/ui';
import type { ScreenProps } from '@/lib/nav';
import { useSavedCards } from '@/lib/queries/cards';

import { AddCard } from './components/add-card';
import { CardRow } from './components/card-row';

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
  return (
    <MembersOnly
      title="Payment methods"
      why="Sign in to save a card for next time. Without an account you simply pay each order on its own."
    >
      {() => <Cards />}
    </MembersOnly>
  );
}
