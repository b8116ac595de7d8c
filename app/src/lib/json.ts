import { secrets, storage } from './storage';

/** A stored value that passes `isValid`, else null: old or broken values are treated as absent. */
export function readKept<Value>(key: string, isValid: (value: unknown) => value is Value): Value | null {
  const text = storage.get(key);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isValid(value) ? value : null;
  } catch {
    return null;
  }
}

/** The entries of a secret list that pass `isValid`; old or broken ones, or a broken list, are treated as absent. */
export function readSecretList<Item>(key: string, isValid: (value: unknown) => value is Item): Item[] {
  try {
    const value: unknown = JSON.parse(secrets.get(key) ?? '[]');
    return Array.isArray(value) ? value.filter(isValid) : [];
  } catch {
    return [];
  }
}

export function writeKept(key: string, value: unknown): void {
  storage.set(key, JSON.stringify(value));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
