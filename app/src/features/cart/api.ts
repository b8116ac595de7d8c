import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { ApiError, createQuote } from '@/lib/api';
import { requestOf, type Cart } from '@/lib/cart';

/** What the cart costs at its store now, tax included; asked again whenever a line changes. Empty carts ask nothing. */
export function useCartQuote(cart: Cart | null) {
  const lines = cart?.lines.map(requestOf) ?? [];
  const storeId = cart?.store.id ?? '';
  return useQuery({
    queryKey: ['cart-quote', storeId, lines],
    queryFn: ({ signal }) => createQuote({ store_id: storeId, lines, pickup: null, contact_email: null }, { signal }),
    enabled: lines.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: (failures, error) => failures < 2 && !(error instanceof ApiError),
  });
}
