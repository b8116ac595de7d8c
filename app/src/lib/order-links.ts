import { getOrder } from './api';
import { orderToken, rememberOrder } from './order-tokens';
import { takeOrder } from './queries/order';

interface OrderSecret {
  id: string;
  token: string;
}

/** Takes over the secret of an opened link. One that is known already is replaced only by one that opens the order, too. */
export function takeOrderSecret({ id, token }: OrderSecret, look = getOrder): void {
  const known = orderToken(id);
  if (known === null) rememberOrder(id, token);
  else if (known !== token) {
    look(id, { token }).then(
      (order) => {
        rememberOrder(id, token);
        takeOrder(order);
      },
      () => undefined, // the order stays open by what was known
    );
  }
}
