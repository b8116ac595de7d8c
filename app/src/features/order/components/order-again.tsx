import type { Order } from '@/api/types';
import { Box, Button, Notice } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { fillCart } from '@/lib/cart';
import { list } from '@/lib/format';
import { useNav } from '@/lib/nav';
import { useMenu } from '@/lib/queries/menu';

import { useReorder } from '../api';

/** The same drinks into the cart, and the truth about those that can't be had. */
export function OrderAgain({ order }: { order: Order }) {
  const nav = useNav();
  const menu = useMenu(order.store.slug);
  const again = useReorder(order.id);
  const missing = again.data?.unavailable ?? [];
  const fill = () =>
    again.mutate(undefined, {
      onSuccess: ({ lines, unavailable }) => {
        if (!menu.data || lines.length === 0) return;
        fillCart({ ...order.store, currency: order.currency }, lines, menu.data.rules.max_per_line);
        if (unavailable.length === 0) nav.go('cart');
      },
    });
  return (
    <Box gap="md">
      {again.error && <Notice kind="bad" title="Not in the cart">{messageOf(again.error)}</Notice>}
      {missing.length > 0 && (
        <Notice kind="warn" title={`${list(missing)} can’t be had right now`}>
          {again.data && again.data.lines.length > 0 ? 'Everything else is in your cart.' : 'So the cart stayed as it was.'}
        </Notice>
      )}
      {missing.length > 0 && again.data && again.data.lines.length > 0 ? (
        <Button onPress={() => nav.go('cart')} title="See the cart" trailingIcon="next" />
      ) : (
        <Button busy={again.isPending} disabled={!menu.data} icon="refresh" onPress={fill} title="Order again" />
      )}
    </Box>
  );
}
