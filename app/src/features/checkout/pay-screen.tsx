import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { Button, Loading, Notice, Screen, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { useNav, type ScreenProps } from '@/lib/nav';
import { useConfig } from '@/lib/queries/config';
import { orderQuery } from '@/lib/queries/order';

import { usePayment, useRefreshPayment } from './api';
import { CardEntry } from './components/card-entry';
import { PayHeading } from './components/pay-heading';
import { mayPass } from './model';

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

/** Card entry for one order: the first try, and every later one. */
export default function PayScreen({ params }: ScreenProps<'pay'>) {
  const nav = useNav();
  const config = useConfig();
  const order = useQuery({ ...orderQuery(params.id), refetchInterval: AGAIN_MS });
  const checking = useReturn(params.id, params.payment_intent);
  const payable = order.data?.can_pay === true && !checking;
  const payment = usePayment(params.id, payable);
  const settled = order.data !== undefined && !order.data.can_pay && !checking;
  useEffect(() => {
    if (settled) nav.replace('order', { id: params.id });
  }, [settled, nav, params.id]);

  if (payable && order.data && config && payment.data) {
    const last = order.data.payment;
    const earlier = last?.status === 'failed' ? last.message : null;
    return <CardEntry config={config} earlier={earlier} order={order.data} payment={payment.data} />;
  }
  const retry = () => void (payment.error ? payment.refetch() : order.refetch());
  return (
    <Screen>
      <PayHeading order={order.data ?? null} />
      <Waiting checking={checking} loading={order.data ? null : order.error} onRetry={retry} paying={payment.error} />
    </Screen>
  );
}

interface WaitingProps {
  checking: boolean;
  /** Why the order, or its payment, can't be had. */
  loading: Error | null;
  paying: Error | null;
  onRetry: () => void;
}

function Waiting({ checking, loading, paying, onRetry }: WaitingProps) {
  const error = paying ?? loading;
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
      title={paying ? 'Paying isn’t possible right now' : 'The order didn’t load'}
    >
      {mayPass(error) ? `${messageOf(error)} This page keeps trying by itself.` : messageOf(error)}
    </Notice>
  );
}
