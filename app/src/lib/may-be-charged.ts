import type { Order } from '@/api/types';

type PaymentStatus = NonNullable<Order['payment']>['status'];

const OPEN: readonly PaymentStatus[] = ['requires_method', 'requires_action', 'processing', 'failed'];

/** Whether the provider could charge this order: a card may have paid already, and the answer was lost. */
export function mayBeCharged({ payment }: Pick<Order, 'payment'>): boolean {
  return payment !== null && OPEN.includes(payment.status);
}
