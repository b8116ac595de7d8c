import type { SavedCard } from '@/api/types';

/** How people call their cards. */

const BRANDS: Record<string, string> = {
  visa: 'Visa', mastercard: 'Mastercard', amex: 'American Express', american_express: 'American Express',
  discover: 'Discover', diners: 'Diners Club', diners_club: 'Diners Club', jcb: 'JCB', unionpay: 'UnionPay',
};
const WALLETS: Record<string, string> = { apple_pay: 'Apple Pay', google_pay: 'Google Pay', link: 'Link' };

/** "Visa •••• 4242", with the wallet it came from. */
export function cardName({ brand, last4, wallet }: SavedCard): string {
  const name = `${BRANDS[brand] ?? 'Card'} •••• ${last4}`;
  return wallet === null ? name : `${name}, ${WALLETS[wallet] ?? 'wallet'}`;
}

/** The same for ears: no bullets, the digits one by one. */
export function cardSpoken(card: SavedCard): string {
  return cardName(card).replace(`•••• ${card.last4}`, `ending in ${card.last4.split('').join(' ')}`);
}

/** "Expires 04/30", or that it has. */
export function cardExpiry({ exp_month: month, exp_year: year, expired }: SavedCard): string {
  return `${expired ? 'Expired' : 'Expires'} ${String(month).padStart(2, '0')}/${String(year % 100).padStart(2, '0')}`;
}

/** The card to offer first: the default one, unless its time is over. */
export function firstUsable(cards: readonly SavedCard[]): SavedCard | null {
  return cards.find((card) => card.is_default && !card.expired) ?? cards.find((card) => !card.expired) ?? null;
}
