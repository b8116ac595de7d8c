import type { Consent, DataExport, Purpose } from '@/api/types';

export interface Question {
  purpose: Purpose;
  given: boolean;
  /** What was agreed to has changed since. */
  changed: boolean;
}

/** What a person decides about, with how they decided; a yes to an older version counts as no. */
export function questionsOf(purposes: readonly Purpose[], consents: readonly Consent[]): Question[] {
  return purposes
    .filter((purpose) => purpose.optional)
    .map((purpose) => {
      const consent = consents.find((one) => one.purpose === purpose.purpose);
      const changed = consent?.given === true && consent.ask;
      return { purpose, given: consent?.given === true && !consent.ask, changed };
    });
}

/** The newest file that is being made or can be had. */
export function newestFile(files: readonly DataExport[], now: Date): DataExport | undefined {
  return files
    .filter((file) => file.expires_at === null || Date.parse(file.expires_at) > now.getTime())
    .sort((one, other) => other.asked_at.localeCompare(one.asked_at))[0];
}

export function dateText(at: string): string {
  return new Date(at).toLocaleDateString('en-US', { weekday: 'long', month: 'long', day: 'numeric' });
}

const HOUR_MS = 60 * 60_000;

/** From when on, in milliseconds, asking again makes a newer file. */
export function newerFrom(file: DataExport): number {
  return Date.parse(file.asked_at) + HOUR_MS;
}

export function timeText(at: number): string {
  return new Date(at).toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
}
