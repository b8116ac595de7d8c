import type { Order } from '@/api/types';
import { LinkList, LinkRow } from '@/components/ui';
import { unbroken } from '@/lib/format';
import { useNav } from '@/lib/nav';
import { hrefTo } from '@/navigation/routes';

/** The order that one waits for, and the way to it: its code must never be farther than one tap. */
export function UnderWay({ order }: { order: Order }) {
  const nav = useNav();
  return (
    <LinkList label="Your order">
      <LinkRow
        detail={`Order ${order.code} at ${order.store.name}`}
        href={hrefTo('order', { id: order.id })}
        icon={order.status === 'ready' ? 'door' : 'bag'}
        onPress={() => nav.go('order', { id: order.id })}
        title={unbroken(order.status_text, order.pickup_code?.text)}
        tone={order.status === 'ready' ? 'ok' : 'ink2'}
      />
    </LinkList>
  );
}
