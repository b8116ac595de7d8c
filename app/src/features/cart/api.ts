import { useQuery } from '@tanstack/react-query';

import type { Cart } from '@/lib/cart';
import { quoteQuery, quoteRequest } from '@/lib/queries/quote';

/** What the cart costs at its store now, tax included; asked again whenever a line changes. */
export function useCartQuote(cart: Cart) {
  return useQuery(quoteQuery(quoteRequest(cart, null)));
}
