import { useState } from 'react';

import type { Cart } from './cart';
import { orderOfCart } from './placing';

/** The order that the cart one was looking at has become in another tab; null while it hasn't. */
export function useOrderedElsewhere(cart: Cart | null): string | null {
  const filled = cart !== null && cart.lines.length > 0;
  const [last, setLast] = useState<string | null>(null);
  if (filled && cart.key !== last) setLast(cart.key);
  return filled || last === null ? null : orderOfCart(last);
}
