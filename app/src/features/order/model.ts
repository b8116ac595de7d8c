import type { Order, OrderStatus } from '@/api/types';
import type { TimelineStep } from '@/components/ui';
import { clock, dayAndClock, dayAndClockInside, timeLeft, unbroken } from '@/lib/format';
import { mayBeCharged } from '@/lib/may-be-charged';

/** After these nothing changes any more, except a refund on its way. */
const ENDED: readonly OrderStatus[] = ['picked_up', 'cancelled', 'expired', 'failed', 'discarded'];
const BAD: readonly string[] = ['cancelled', 'expired', 'failed', 'discarded'];

export function isEnded(order: Order): boolean {
  return ENDED.includes(order.status);
}

/** Whether the live stream has anything left to tell: also of an order that is over, while its money isn't settled. */
export function isFollowed(order: Order | undefined): boolean {
  if (!order || !isEnded(order)) return true;
  return mayBeCharged(order) || order.refunds.some((refund) => refund.status === 'pending');
}

export interface Headline {
  now: string;
  next: string;
}

const TWO_SENTENCES = /^(.*?[.!?])\s+(.+)$/;

/**
 * The server's words, cut after their first sentence, and what comes next where they are only one. What is poured is one
 * sentence always: "Pouring Dr. Spice."
 */
export function headlineOf(order: Order, now: number): Headline {
  const text = unbroken(order.status_text, order.pickup_code?.text);
  const parts = order.status === 'preparing' ? null : TWO_SENTENCES.exec(text);
  return { now: parts?.[1] ?? text, next: parts?.[2] ?? promise(order, now) };
}

/** When it will be ready, if the server has an estimate; nothing is promised without one. */
function promise(order: Order, now: number): string {
  const timezone = order.store.timezone;
  if (order.status === 'payment_pending') return 'Pay, and it’s on its way.';
  if (order.ready_at === null || !['paid', 'queued', 'preparing'].includes(order.status)) return '';
  const left = Date.parse(order.ready_at) - now;
  if (order.status === 'preparing') return left > 30_000 ? unbroken(`Ready in ${timeLeft(left)}.`, timeLeft(left)) : 'Ready any moment.';
  return `Ready about ${dayAndClockInside(order.ready_at, timezone, new Date(now))}.`;
}

/** 0 to 1: how full the glass stands on the screen. */
export function fillOf(order: Order): number {
  if (order.status === 'ready' || order.status === 'picked_up') return 1;
  return order.status === 'preparing' ? Math.max(0.06, order.progress?.share ?? 0.06) : 0;
}

export interface Figure {
  label: string;
  value: string;
}

/** Two facts beside the glass. */
export function figuresOf(order: Order, now: number): Figure[] {
  const figures = isMaking(order) ? makingFigures(order, now) : waitingFigures(order, now);
  return figures.length < 2 && !isEnded(order) ? [...figures, { label: 'At', value: order.store.name }] : figures;
}

function isMaking(order: Order): boolean {
  return order.status === 'queued' || order.status === 'preparing';
}

function makingFigures(order: Order, now: number): Figure[] {
  const drinks = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  const figures: Figure[] = [];
  if (order.ready_at !== null) {
    const left = Date.parse(order.ready_at) - now;
    figures.push({ label: drinks > 1 ? 'Drinks' : 'Drink', value: left > 0 ? `${timeLeft(left)} left` : 'any moment' });
  }
  if (order.progress && order.progress.drinks > 1) {
    figures.push({ label: 'Pouring', value: `${order.progress.drink_index + 1} of ${order.progress.drinks}` });
  }
  return figures;
}

function waitingFigures(order: Order, now: number): Figure[] {
  const timezone = order.store.timezone;
  if (order.status === 'paid' && order.pickup.at) {
    return [{ label: 'Ready for you', value: dayAndClock(order.pickup.at, timezone, new Date(now)) }];
  }
  if (order.status !== 'ready') return [];
  const door = { label: 'Door', value: order.door ? String(order.door.number) : 'on its way' };
  return order.expires_at ? [door, { label: 'Kept cold until', value: clock(order.expires_at, timezone, true) }] : [door];
}

/** What comes after each state while all goes well. */
const AHEAD: Partial<Record<OrderStatus, string[]>> = {
  payment_pending: ['Paid', 'Being made', 'Behind its door'],
  paid: ['Being made', 'Behind its door'],
  queued: ['Being made', 'Behind its door'],
  preparing: ['Behind its door'],
  ready: ['Picked up'],
};

/** What happened, with times of the store; what happens now; what comes. */
export function timelineOf(order: Order): TimelineStep[] {
  const last = order.timeline.length - 1;
  const past = order.timeline.map((entry, index): TimelineStep => {
    const current = index === last && !isEnded(order);
    return {
      key: `${index}-${entry.status}`,
      text: entry.text,
      time: clock(entry.at, order.store.timezone),
      state: BAD.includes(entry.status) ? 'bad' : current ? 'now' : 'done',
    };
  });
  const next = (AHEAD[order.status] ?? []).map((text): TimelineStep => {
    const door = order.door && text === 'Behind its door' ? `Behind door ${order.door.number}` : text;
    return { key: `next-${text}`, text: door, state: 'next' };
  });
  return [...past, ...next];
}
