import type { Order } from '@/api/types';

/** Both lists as one, each order once, newest first. */
export function mergeOrders(own: readonly Order[], remembered: readonly Order[]): Order[] {
  const byId = new Map([...own, ...remembered].map((order) => [order.id, order]));
  return [...byId.values()].sort((one, other) => other.placed_at.localeCompare(one.placed_at));
}

/** "2 × Canyon Sunset, Lime Alibi". */
export function drinksText(order: Order): string {
  return order.lines.map((line) => (line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name)).join(', ');
}

