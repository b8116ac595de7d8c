import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { PickupChoice, QuoteRequest } from '@/api/types';
import { createQuote } from '@/lib/api';
import { requestOf, type Cart } from '@/lib/cart';

/** A new price is asked for this long before the old one runs out, so that nobody orders at the last second. */
const MARGIN_MS = 20_000;

export function quoteRequest(cart: Cart, pickup: PickupChoice | null): QuoteRequest {
  return { store_id: cart.store.id, lines: cart.lines.map(requestOf), pickup, contact_email: null };
}

/** The server's price for these drinks at this time. Another request is another quote. */
export function quoteQuery(request: QuoteRequest) {
  return queryOptions({
    queryKey: ['quote', 'checkout', request],
    queryFn: ({ signal }) => createQuote(request, { signal }),
    staleTime: 30_000,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data ? Math.max(5000, Date.parse(state.data.expires_at) - Date.now() - MARGIN_MS) : false,
  });
}
