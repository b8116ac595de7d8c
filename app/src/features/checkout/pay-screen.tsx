import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import type { Order } from '@/api/types';
import { isKeptFromUs, NoOrder } from '@/components/no-order';
import { Button, Loading, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';
import { configQuery } from '@/lib/queries/config';
import { orderQuery } from '@/lib/queries/order';

import { usePayment, useRefreshPayment } from './api';
import { CardEntry } from './components/card-entry';
import { Outage } from './components/outage';
import { PayHeading } from './components/pay-heading';
import { isAway, mayPass } from './model';

/** While the provider is away the order is looked at again by itself. */
const AGAIN_MS = 5000;

/** Coming back from a bank's page: the server looks at once what came of it. */
function useReturn(id: string, intent: string | undefined): boolean {
  const refresh = useRefreshPayment(id);
  const asked = useRef(false);
  const { mutate } = refresh;
  useEffect(() => {
    if (!intent || asked.current) return;
    asked.current = true;
    mutate();
  }, [intent, mutate]);
  return Boolean(intent) && !refresh.isSuccess && !refresh.isError;
}

/** Paying one order: the first try, and every later one. */
export default function PayScreen({ params }: ScreenProps<'pay'>) {
  const nav = useNav();
  const order = useQuery({ ...orderQuery(params.id), refetchInterval: AGAIN_MS });
  const checking = useReturn(params.id, params.payment_intent);
  const settled = order.data !== undefined && !order.data.can_pay && !checking;
  useEffect(() => {
    if (settled) nav.replace('order', { id: params.id });
  }, [settled, nav, params.id]);

  if (order.data?.can_pay && !checking) return <Payable order={order.data} />;
  const error = order.data ? null : order.error;
  if (error && isKeptFromUs(error)) return <NoOrder error={error} onRetry={() => void order.refetch()} />;
  return (
    <Screen>
      <PayHeading order={order.data ?? null} />
      <Waiting checking={checking} error={error} onRetry={() => void order.refetch()} title="The order didn’t load" />
    </Screen>
  );
}

/** The card form, or what can be done while the provider is away. */
function Payable({ order }: { order: Order }) {
  const config = useQuery(configQuery);
  const wait = order.payment_wait;
  const payment = usePayment(order.id, isAway(wait));
  const retry = () => {
    if (!config.data) void config.refetch();
    if (!payment.data) void payment.refetch();
  };
  if (isAway(wait)) return <Outage onTry={retry} order={order} trying={payment.isFetching} wait={wait} />;
  if (config.data && payment.data) {
    const earlier = order.payment?.status === 'failed' ? order.payment.message : null;
    return <CardEntry config={config.data} earlier={earlier} order={order} payment={payment.data} />;
  }
  return (
    <Screen>
      <PayHeading order={order} />
      <Waiting checking={false} error={payment.error ?? config.error} onRetry={retry} title="Paying isn’t possible right now" />
    </Screen>
  );
}

interface WaitingProps {
  checking: boolean;
  /** Why the order, or its payment, can't be had. */
  error: Error | null;
  title: string;
  onRetry: () => void;
}

function Waiting({ checking, error, title, onRetry }: WaitingProps) {
  if (!error) {
    return (
      <Loading label={checking ? 'Asking how your payment went' : 'Getting the card form'}>
        {checking && <Text>Asking how your payment went …</Text>}
        <Skeleton height={220} rounded="lg" />
      </Loading>
    );
  }
  return (
    <Notice
      action={<Button compact icon="refresh" kind="secondary" onPress={onRetry} title="Try again" />}
      icon="offline"
      kind="warn"
      title={title}
    >
      {mayPass(error) ? `${messageOf(error)} This page keeps trying by itself.` : messageOf(error)}
    </Notice>
  );
}
