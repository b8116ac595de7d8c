import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import type { PickupChoice } from '@/api/types';
import {
  ApiError, choosePickup, fieldOf, refreshPayment, startPayment, waitForPayment, type Consent, type PlaceOrder,
} from '@/lib/api';
import { type Cart } from '@/lib/cart';
import { rememberOrder } from '@/lib/order-tokens';
import { placeCart } from '@/lib/placing';
import { meKey } from '@/lib/queries/me';
import { orderKey, takeOrder } from '@/lib/queries/order';
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
    mutationFn: async (body: PlaceOrder) => {
      const { placed, earlier } = await placeCart(cart.key, body);
      const { order, order_token: token } = placed;
      rememberOrder(order.id, token, { own: body.contact_email === undefined });
      // It became an order by an earlier request whose answer was lost: the time chosen since then counts.
      const chosen = earlier && body.pickup ? await choosePickup(order.id, body.pickup).catch(() => null) : null;
      return chosen ?? order;
    },
    onSuccess: (order) => {
      takeOrder(order);
      void queries.invalidateQueries({ queryKey: ['orders'] });
    },
    onError: (error) => {
      // An address is asked for only of guests: the session ended elsewhere.
      if (fieldOf(error, 'contact_email') !== null) void queries.invalidateQueries({ queryKey: meKey });
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

/** The order's payment at the provider: created once, the same on every later call. An order that waits isn't asked for by itself. */
export function usePayment(id: string, waits: boolean) {
  const queries = useQueryClient();
  // The order says what it waits for, and until when, or that it waits no more.
  const reload = () => void queries.invalidateQueries({ queryKey: orderKey(id) });
  return useQuery({
    queryKey: ['payment', id],
    queryFn: async () => {
      try {
        const started = await startPayment(id);
        if (waits) reload();
        return started;
      } catch (error) {
        if (error instanceof ApiError) reload();
        throw error;
      }
    },
    enabled: !waits,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: 1,
    refetchInterval: ({ state }) => (state.error && mayPass(state.error) ? AGAIN_MS : false),
  });
}

/** Has the server look at the provider and takes over what it found. */
export function useRefreshPayment(id: string) {
  const queries = useQueryClient();
  // When the provider is away the order says so from then on, and what can be done meanwhile.
  const reload = () => void queries.invalidateQueries({ queryKey: orderKey(id) });
  return useMutation({ mutationFn: () => refreshPayment(id), onSuccess: takeOrder, onError: reload, retry: 2 });
}

/** Agrees to wait so many minutes from now for the payment provider, and to what may be charged then. */
export function useWait(id: string) {
  return useMutation({ mutationFn: (consent: Consent) => waitForPayment(id, consent), onSuccess: takeOrder });
}
