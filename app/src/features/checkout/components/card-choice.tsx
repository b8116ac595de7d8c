import type { SavedCard } from '@/api/types';
import { Checkbox, ChoiceList } from '@/components/ui';
import { cardExpiry, cardName, cardSpoken } from '@/lib/cards';

/** Stands for a card that isn't saved: its number is typed. */
export const NEW_CARD = 'new';

interface CardChoiceProps {
  cards: readonly SavedCard[];
  value: string;
  onChange: (value: string) => void;
}

/** Which of the saved cards pays, or another one. Cards whose time is over are shown, not offered. */
export function CardChoice({ cards, value, onChange }: CardChoiceProps) {
  const saved = cards.map((card) => ({
    value: card.id,
    title: cardName(card),
    hint: `${cardSpoken(card)}, ${cardExpiry(card)}`,
    detail: cardExpiry(card),
    disabled: card.expired,
  }));
  return (
    <ChoiceList
      choices={[...saved, { value: NEW_CARD, title: 'Another card' }]}
      label="Which card"
      onChange={onChange}
      value={value}
    />
  );
}

export function SaveCard({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) {
  return <Checkbox checked={checked} onChange={onChange} title="Save this card for next time" />;
}
