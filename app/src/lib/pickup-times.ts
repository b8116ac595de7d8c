import type { StoreDetail } from '@/api/types';

import { clock, day } from './format';

/** Times at which a store hands drinks out. Instants are looked at one by one, so changes of the clock need no care. */

const STEP_MS = 15 * 60_000;
const AHEAD_MS = 36 * 60 * 60_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export interface PickupDay {
  name: string;
  /** RFC 3339 instants, quarter hours, inside the opening hours. */
  times: string[];
}

type Opening = Pick<StoreDetail, 'hours' | 'timezone' | 'ready_in_seconds'>;

/** From the first quarter of an hour at which a drink can be ready, a day and a half on, grouped by the store's days. */
export function pickupDays(store: Opening, now: Date): PickupDay[] {
  const earliest = now.getTime() + (store.ready_in_seconds ?? 0) * 1000;
  const first = Math.ceil(earliest / STEP_MS) * STEP_MS;
  const days: PickupDay[] = [];
  for (let at = first; at < now.getTime() + AHEAD_MS; at += STEP_MS) {
    const instant = new Date(at);
    if (!isOpen(store, instant)) continue;
    const name = day(instant, store.timezone, now);
    const known = days.find((entry) => entry.name === name);
    if (known) known.times.push(instant.toISOString());
    else days.push({ name, times: [instant.toISOString()] });
  }
  return days;
}

function isOpen(store: Opening, at: Date): boolean {
  const { weekday, minutes } = localTime(at, store.timezone);
  return store.hours.some((span) => {
    const [opens, closes] = [minutesOf(span.opens), minutesOf(span.closes)];
    if (opens <= closes) return span.weekday === weekday && minutes >= opens && minutes < closes;
    // Over midnight: the evening belongs to the day, the small hours to the next.
    return (
      (span.weekday === weekday && minutes >= opens) || ((span.weekday + 1) % 7 === weekday && minutes < closes)
    );
  });
}

function localTime(at: Date, timezone: string): { weekday: number; minutes: number } {
  const parts = formatFor(timezone).formatToParts(at);
  const value = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return {
    weekday: WEEKDAYS.indexOf(value('weekday')),
    minutes: Number(value('hour')) * 60 + Number(value('minute')),
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  formats.set(timezone, made);
  return made;
}

/** "24:00" is the end of the day. */
function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** "8:45 AM" for a chip. */
export function timeTitle(at: string, timezone: string): string {
  return clock(at, timezone, true);
}
