import type { Me } from '@/api/types';

/** "Hello, Ana" by the first of the names. */
export function greeting(me: Me | null | undefined): string {
  const first = me?.name.trim().split(/\s+/)[0];
  return first ? `Hello, ${first}` : 'Hello';
}
