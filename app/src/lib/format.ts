/** Money, times and distances in the words of the store: its currency, its time zone, its miles. */

const LOCALE = 'en-US';
const moneyFormats = new Map<string, Intl.NumberFormat>();
const timeFormats = new Map<string, Intl.DateTimeFormat>();

/** Integer minor units to text: 465 and "USD" give "$4.65". */
export function money(cents: number, currency: string): string {
  const format = cached(moneyFormats, currency, () => new Intl.NumberFormat(LOCALE, { style: 'currency', currency }));
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(cents / 10 ** digits);
}

/** Clock time at the store, without "AM" and "PM" unless asked: "8:42", or "8:42 AM". */
export function clock(at: string | Date, timezone: string, withHalf = false): string {
  const format = timeFormat(timezone, 'clock', { hour: 'numeric', minute: '2-digit', hour12: true });
  const parts = format.formatToParts(toDate(at));
  const part = (type: string): string => parts.find((entry) => entry.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}`;
  return withHalf ? `${time} ${part('dayPeriod')}` : time;
}

/** "Today", "Tomorrow" or "Mon, Nov 23", by the calendar of the store. */
export function day(at: string | Date, timezone: string, now: Date = new Date()): string {
  const key = dayKey(toDate(at), timezone);
  if (key === dayKey(now, timezone)) return 'Today';
  if (key === dayKey(new Date(now.getTime() + 86_400_000), timezone)) return 'Tomorrow';
  const options = { weekday: 'short', month: 'short', day: 'numeric' } as const;
  return timeFormat(timezone, 'day', options).format(toDate(at));
}

/** "8:42 AM" today, "Tomorrow, 8:42 AM" otherwise. */
export function dayAndClock(at: string | Date, timezone: string, now: Date = new Date()): string {
  const name = day(at, timezone, now);
  return name === 'Today' ? clock(at, timezone, true) : `${name}, ${clock(at, timezone, true)}`;
}

/** The same within a sentence: "8:42 AM", "tomorrow, 8:42 AM". */
export function dayAndClockInside(at: string | Date, timezone: string, now: Date = new Date()): string {
  return dayAndClock(at, timezone, now).replace(/^Tomorrow/, 'tomorrow');
}

/** Time left in the smallest honest unit: "now", "40 s", "3 min", "1 h 5 min". */
export function timeLeft(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds <= 0) return 'now';
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** "350 ft", "0.4 mi", "12 mi". */
export function distance(metres: number): string {
  const miles = metres / 1609.344;
  if (miles < 0.1) return `${Math.max(50, Math.round((metres * 3.28084) / 50) * 50)} ft`;
  return miles < 10 ? `${miles.toFixed(1)} mi` : `${Math.round(miles)} mi`;
}

/** Joins names as people do: "milk", "milk and soy", "milk, soy and wheat". */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1] ?? ''}`;
}

/** The text with `part`, a code or a number with its unit, kept on one line. */
export function unbroken(text: string, part: string | undefined): string {
  return part ? text.replaceAll(part, part.replace(/ /g, '\u00A0')) : text;
}

/** "1 drink", "2 drinks". */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

function dayKey(at: Date, timezone: string): string {
  return timeFormat(timezone, 'key', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

function timeFormat(timezone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(timeFormats, `${name}:${timezone}`, () =>
    new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: timezone }),
  );
}

function cached<Value>(formats: Map<string, Value>, key: string, make: () => Value): Value {
  const known = formats.get(key);
  if (known) return known;
  const made = make();
  formats.set(key, made);
  return made;
}

function toDate(at: string | Date): Date {
  return typeof at === 'string' ? new Date(at) : at;
}
