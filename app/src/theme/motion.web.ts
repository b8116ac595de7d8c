import { useSyncExternalStore } from 'react';

const reduced = window.matchMedia('(prefers-reduced-motion: reduce)');

function subscribe(listener: () => void): () => void {
  reduced.addEventListener('change', listener);
  return () => reduced.removeEventListener('change', listener);
}

/** Whether motion is welcome. A browser answers at once, so no glass is drawn twice for it. */
export function useMotion(): boolean {
  return useSyncExternalStore(subscribe, () => !reduced.matches);
}
