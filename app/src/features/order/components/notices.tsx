import type { Order } from '@/api/types';
import { Button, Notice } from '@/components/ui';

import { useNotices } from '../api';

/** What we told about this order and was not seen yet: the newest only, until it is put away, or isn't true any more. */
export function Notices({ order }: { order: Order }) {
  const { newest, seen } = useNotices(order.id, `${order.status} ${order.refund?.status ?? ''}`);
  if (!newest || (newest.kind === 'ready' && order.status !== 'ready')) return null;
  return (
    <Notice
      action={<Button compact kind="secondary" onPress={() => seen(newest.id)} title="Got it" />}
      kind="ok"
      title={newest.text}
    />
  );
}
