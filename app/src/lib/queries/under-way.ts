import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { Order } from '@/api/types';
import { getOrder, listOrders } from '@/lib/api';
import { listRemembered, rememberedOrders } from '@/lib/order-tokens';
import { useStore } from '@/lib/store';

import { meQuery } from './me';

const RUNNING: readonly string[] = ['payment_pending', 'paid', 'queued', 'preparing', 'ready'];
/** So many of a device's latest orders are looked at. */
const LATEST = 3;
const EVERY_MS = 10_000;
/** So long a page may wait for it, so that nothing moves afterwards. */
const PATIENCE_MS = 800;

export function isRunning(order: Order): boolean {
  return RUNNING.includes(order.status);
}

/** The newest order that is not over; null when there is none. What can't be had now is left out: its own page says why. */
async function findUnderWay(signedIn: boolean, signal: AbortSignal): Promise<Order | null> {
  const guests = listRemembered().slice(0, LATEST).map(({ id }) => getOrder(id, { signal }).catch(() => null));
  const own = signedIn ? listOrders(null, { signal }).then((page) => page.items) : [];
  const orders = [...(await own), ...(await Promise.all(guests))].flatMap((order) => (order && isRunning(order) ? [order] : []));
  return orders.sort((one, other) => other.placed_at.localeCompare(one.placed_at))[0] ?? null;
}

function underWayQuery(signedIn: boolean, remembered: string) {
  return queryOptions({
    queryKey: ['orders', 'under-way', signedIn, remembered],
    queryFn: ({ signal }) => findUnderWay(signedIn, signal),
    staleTime: 5000,
    retry: 1,
    refetchInterval: ({ state }) => (state.data ? EVERY_MS : false),
  });
}

/** The order that the person waits for, once it is known. Nothing is asked for guests who have ordered nothing on this device. */
export function useUnderWay(): { order: Order | null; looking: boolean } {
  useStore(rememberedOrders);
  const who = useQuery(meQuery);
  const remembered = listRemembered().slice(0, LATEST).map(({ id }) => id).join();
  const enabled = who.data !== undefined && (who.data !== null || remembered !== '');
  const found = useQuery({ ...underWayQuery(Boolean(who.data), remembered), enabled });
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return { order: found.data ?? null, looking: patient && (who.isLoading || found.isLoading) };
}
