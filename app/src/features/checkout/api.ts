import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import type { PickupChoice } from '@/api/types';
import { ApiError, placeOrder, refreshPayment, startPayment, type PlaceOrder } from '@/lib/api';
import { type Cart } from '@/lib/cart';
import { rememberOrder } from '@/lib/order-tokens';
import { takeOrder } from '@/lib/queries/order';
import { quoteQuery, quoteRequest } from '@/lib/queries/quote';

import { mayPass, newQuoteOf } from './model';

/** Nothing is asked while the answer can only be no: a closed store needs a time first. */
export function useCheckoutQuote(cart: Cart, pickup: PickupChoice | null, wanted: boolean) {
  return useQuery({ ...quoteQuery(quoteRequest(cart, pickup)), enabled: wanted });
}

/** Places the order once. A changed price comes back as the new quote, which takes the old one's place. */
export function usePlaceOrder(cart: Cart, pickup: PickupChoice | null) {
  const queries = useQueryClient();
  const quoteKey = quoteQuery(quoteRequest(cart, pickup)).queryKey;
  return useMutation({
    mutationFn: (body: PlaceOrder) => placeOrder(body),
    onSuccess: ({ order, order_token: token }) => {
      rememberOrder(order.id, token);
      takeOrder(order);
      void queries.invalidateQueries({ queryKey: ['orders'] });
    },
    onError: (error) => {
      const quote = newQuoteOf(error);
      if (quote) queries.setQueryData(quoteKey, quote);
      else if (error instanceof ApiError && error.code === 'quote_expired') {
        void queries.invalidateQueries({ queryKey: quoteKey });
      }
    },
  });
}

/** While the provider is away we ask again by ourselves. */
const AGAIN_MS = 8000;

/** The order's payment at the provider: created once, the same on every later call. */
export function usePayment(id: string, wanted: boolean) {
  return useQuery({
    queryKey: ['payment', id],
    queryFn: () => startPayment(id),
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: 1,
    refetchInterval: ({ state }) => (state.error && mayPass(state.error) ? AGAIN_MS : false),
  });
}

/** Has the server look at the provider and takes over what it found. */
export function useRefreshPayment(id: string) {
  return useMutation({ mutationFn: () => refreshPayment(id), onSuccess: takeOrder, retry: 2 });
}
