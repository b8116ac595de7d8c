import type { ReactNode } from 'react';

import type { Order } from '@/api/types';
import { NoOrder } from '@/components/no-order';
import { Box, Loading, Screen, Skeleton, Timeline } from '@/components/ui';
import type { LiveState } from '@/lib/live';
import type { ScreenProps } from '@/lib/nav';
import { useNow } from '@/lib/now';
import { useWide } from '@/theme';

import { useLiveOrder } from './api';
import { PrimaryAction } from './components/actions';
import { DoorCard } from './components/door-card';
import { GlassCard } from './components/glass-card';
import { Notices } from './components/notices';
import { OrderOptions } from './components/order-options';
import { ReceiptCard } from './components/receipt-card';
import { StatusHead } from './components/status-head';
import { isEnded, timelineOf } from './model';

/** Room for two panes side by side. */
const WIDE = 1000;

function Waiting() {
  return (
    <Screen>
      <Loading label="Loading your order">
        <Skeleton height={20} width={130} />
        <Skeleton height={84} />
        <Skeleton height={196} rounded="lg" />
        <Skeleton height={120} rounded="lg" />
      </Loading>
    </Screen>
  );
}

function OrderPage({ order, live }: { order: Order; live: LiveState }) {
  const now = useNow(1000);
  const wide = useWide();
  const drink = !isEnded(order) && (
    <>
      <GlassCard now={now} order={order} />
      <DoorCard order={order} />
    </>
  );
  const story = (
    <Box style={{ paddingVertical: 4 }}>
      <Timeline label="What happened so far" steps={timelineOf(order)} />
    </Box>
  );
  return (
    <Screen footer={<PrimaryAction order={order} />} width={wide ? WIDE : undefined}>
      <StatusHead live={live} now={now} order={order} />
      <Notices order={order} />
      {wide ? (
        <Box align="flex-start" row style={{ gap: 40 }}>
          <Pane>
            {drink}
            {story}
          </Pane>
          <Pane>
            <ReceiptCard order={order} />
            <OrderOptions order={order} />
          </Pane>
        </Box>
      ) : (
        <>
          {drink}
          {story}
          <OrderOptions order={order} />
          <ReceiptCard order={order} />
        </>
      )}
    </Screen>
  );
}

function Pane({ children }: { children: ReactNode }) {
  return (
    <Box gap="xl" grow>
      {children}
    </Box>
  );
}

/** The waiting screen: where the drink is, and how to get it. */
export default function OrderScreen({ params }: ScreenProps<'order'>) {
  const { query, live } = useLiveOrder(params.id);
  if (query.data) return <OrderPage live={live} order={query.data} />;
  return query.error ? <NoOrder error={query.error} onRetry={() => void query.refetch()} /> : <Waiting />;
}
