import { useRef, useState } from 'react';

import { payWithMyCards } from '@/lib/api/cards';
import { firstUsable } from '@/lib/cards';
import { useSavedCards } from '@/lib/queries/cards';
import { useMe } from '@/lib/queries/me';

import { NEW_CARD } from './components/card-choice';

/** Which card pays this order, and whether a new one is saved. */
export function useCards(orderId: string) {
  const known = Boolean(useMe());
  const cards = useSavedCards().data ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const [failed, setFailed] = useState<readonly string[]>([]);
  const [save, setSave] = useState(false);
  /** What the server was told last about saving; null while that isn't known, as after a reload or a lost answer. */
  const told = useRef<boolean | null>(null);
  const left = cards.filter((card) => !failed.includes(card.id));
  const chosen = picked ?? firstUsable(left)?.id ?? NEW_CARD;
  /** Says before the payment what the server must know about it. True when the form has to look again. */
  const prepare = async (by: 'card' | 'wallet'): Promise<boolean> => {
    if (!known) return false;
    const saved = by === 'card' && chosen !== NEW_CARD;
    const keeps = by === 'card' && !saved && save;
    if (!saved && keeps === told.current) return false;
    told.current = null;
    await payWithMyCards(orderId, keeps);
    told.current = keeps;
    return true;
  };
  /** After a refusal another card is offered at once, on the same order. */
  const offerAnother = (tried: string | undefined) => {
    if (tried === undefined) return;
    setFailed((earlier) => [...earlier, tried]);
    setPicked(null);
  };
  return { known, cards, chosen, choose: setPicked, save, setSave, prepare, offerAnother };
}
