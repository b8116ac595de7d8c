import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { Order, OrderNotice, PickupChoice } from '@/api/types';
import { choosePickup, getOrder, listNotices, openDoor, reorder, seeNotice } from '@/lib/api';
import { follow, type LiveState } from '@/lib/live';
import { orderToken } from '@/lib/order-tokens';
import { useConfig } from '@/lib/queries/config';
import { orderQuery, takeOrder } from '@/lib/queries/order';

import { isFollowed } from './model';

/** While it isn't known where the stream is. */
const ASK_MS = 5000;

/** The order, kept right by the live stream, or by asking while the stream can't be had. */
export function useLiveOrder(id: string) {
  const liveUrl = useConfig()?.live_url;
  const query = useQuery({
    ...orderQuery(id),
    staleTime: 5000,
    refetchOnWindowFocus: 'always',
    refetchInterval: ({ state: { data } }) => (!liveUrl && isFollowed(data) ? ASK_MS : false),
  });
  const [state, setState] = useState<LiveState>('connecting');
  const followed = query.data !== undefined && isFollowed(query.data);
  useEffect(() => {
    if (!liveUrl || !followed) return undefined;
    const token = orderToken(id);
    return follow({
      url: `${liveUrl}/live/v1/orders/${encodeURIComponent(id)}`,
      headers: token ? { 'X-Order-Token': token } : {},
      onState: setState,
      onEvent: (event) => {
        if (event.type === 'order') takeOrder(JSON.parse(event.data) as Order);
      },
      poll: async () => takeOrder(await getOrder(id)),
    });
  }, [id, liveUrl, followed]);
  return { query, live: followed ? state : ('live' as const) };
}

/** The newest notice that was not seen yet; asked for again when the order has moved on. */
export function useNotices(id: string, state: string) {
  const queries = useQueryClient();
  const key = ['order', id, 'notices'];
  const query = useQuery({
    queryKey: [...key, state],
    queryFn: ({ signal }) => listNotices(id, { signal }),
    placeholderData: (known) => known,
    retry: false,
  });
  const mark = useMutation({
    mutationFn: (notice: string) => seeNotice(id, notice),
    onMutate: (notice) => {
      const without = (known?: OrderNotice[]) => known?.map((one) => (one.id === notice ? { ...one, seen: true } : one));
      queries.setQueryData<OrderNotice[]>([...key, state], without);
    },
  });
  return { newest: query.data?.find((notice) => !notice.seen), seen: mark.mutate };
}

export function useChoosePickup(id: string) {
  return useMutation({ mutationFn: (choice: PickupChoice) => choosePickup(id, choice), onSuccess: takeOrder });
}

export function useOpenDoor(id: string) {
  return useMutation({ mutationFn: (code: string) => openDoor(id, code), onSuccess: takeOrder });
}

export function useReorder(id: string) {
  return useMutation({ mutationFn: () => reorder(id) });
}
