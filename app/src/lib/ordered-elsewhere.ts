import { useState } from 'react';

import type { Cart } from './cart';
import { useOrderOfCart } from './ordered-carts';

/** The order that the cart one was looking at has become in another tab; null while it hasn't. */
export function useOrderedElsewhere(cart: Cart | null): string | null {
  const filled = cart !== null && cart.lines.length > 0;
  const [last, setLast] = useState<string | null>(null);
  if (filled && cart.key !== last) setLast(cart.key);
  const order = useOrderOfCart(last);
  return filled ? null : order;
}
