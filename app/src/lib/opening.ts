import type { Store } from '@/api/types';

import { clock, dayAndClockInside } from './format';

type Opening = Pick<Store, 'open' | 'accepting_orders' | 'reason' | 'opens_at' | 'closes_at' | 'timezone'>;

/** Whether a store takes orders for now, in a few words and in the store's own time. */
export function openingText(store: Opening, now: Date): string {
  if (!store.open) {
    return store.opens_at ? `Closed, opens ${dayAndClockInside(store.opens_at, store.timezone, now)}` : 'Closed for now';
  }
  if (!store.accepting_orders) return store.reason ?? 'Not taking orders right now';
  return store.closes_at ? `Open until ${clock(store.closes_at, store.timezone, true)}` : 'Open';
}

/** "8:42": when a drink ordered now is ready, by the store's clock; null while it can't be made now. */
export function readyAt(store: Opening & Pick<Store, 'ready_in_seconds'>, now: Date): string | null {
  if (!store.open || !store.accepting_orders || store.ready_in_seconds === null) return null;
  return clock(new Date(now.getTime() + store.ready_in_seconds * 1000), store.timezone);
}
