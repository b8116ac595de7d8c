import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { PickupChoice, StoreDetail } from '@/api/types';
import type { Cart } from '@/lib/cart';
import { pickupDays } from '@/lib/pickup-times';
import { quoteQuery, quoteRequest } from '@/lib/queries/quote';
import { useStoreDetail } from '@/lib/queries/stores';

/** A closed store makes the drinks at its first time; which one exactly is chosen at checkout. */
function firstTime(store: StoreDetail | undefined): PickupChoice | null {
  if (!store || (store.open && store.accepting_orders)) return null;
  const at = pickupDays(store, new Date())[0]?.times[0];
  return at === undefined ? null : { mode: 'at', at };
}

/** What the cart costs at its store, tax included; asked again whenever a line changes. */
export function useCartQuote(cart: Cart) {
  const store = useStoreDetail(cart.store.slug);
  const pickup = useMemo(() => firstTime(store.data), [store.data]);
  const quote = useQuery(
    queryOptions({ ...quoteQuery(quoteRequest(cart, pickup)), enabled: store.data !== undefined || store.isError }),
  );
  return { quote, store: store.data };
}
