import { useState } from 'react';

import type { SavedCard } from '@/api/types';
import { Badge, Box, Button, Card, Notice, Sheet, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { cardExpiry, cardName, cardSpoken } from '@/lib/cards';

import { useChooseDefault, useRemoveCard } from '../api';

/** One saved card: what it is, whether it comes first, and the way out. */
export function CardRow({ card }: { card: SavedCard }) {
  const [asking, setAsking] = useState(false);
  const choose = useChooseDefault();
  const spoken = cardSpoken(card);
  return (
    <Card>
      <Box gap="md">
        <Box align="flex-start" gap="md" justify="space-between" row wrap>
          <Box gap="xs">
            <Text bold label={spoken} numeric>
              {cardName(card)}
            </Text>
            <Text numeric size="small" tone={card.expired ? 'bad' : 'ink2'}>
              {cardExpiry(card)}
            </Text>
          </Box>
          {card.expired && <Badge icon="warn" kind="bad" title="Expired" />}
          {card.is_default && !card.expired && <Badge icon="check" kind="ok" title="Used first" />}
        </Box>
        <Box gap="sm" row wrap>
          {!card.is_default && !card.expired && (
            <Button
              busy={choose.isPending}
              compact
              kind="secondary"
              label={`Use ${spoken} first`}
              onPress={() => choose.mutate(card.id)}
              title="Use first"
            />
          )}
          <Button compact kind="danger" label={`Remove ${spoken}`} onPress={() => setAsking(true)} title="Remove" />
        </Box>
        {choose.error && (
          <Notice kind="bad" title="Not changed">
            {messageOf(choose.error)}
          </Notice>
        )}
      </Box>
      <RemoveSheet card={card} onClose={() => setAsking(false)} open={asking} />
    </Card>
  );
}

interface RemoveSheetProps {
  card: SavedCard;
  open: boolean;
  onClose: () => void;
}

/** A removed card can't be brought back without typing it again, so it is asked for first. */
function RemoveSheet({ card, open, onClose }: RemoveSheetProps) {
  const remove = useRemoveCard();
  return (
    <Sheet
      footer={
        <Box gap="sm">
          <Button busy={remove.isPending} kind="danger" onPress={() => remove.mutate(card.id)} title="Remove the card" />
          <Button kind="quiet" onPress={onClose} title="Keep it" />
        </Box>
      }
      onClose={onClose}
      open={open}
      title="Remove this card?"
    >
      <Text>{`${cardName(card)} won’t be offered any more. Orders you paid with it stay as they are, refunds too.`}</Text>
      {remove.error && (
        <Notice kind="bad" title="Not removed">
          {messageOf(remove.error)}
        </Notice>
      )}
    </Sheet>
  );
}
