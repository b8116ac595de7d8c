import { storage } from './storage';
import { createStore, useStore } from './store';

/** Whether somebody at this device has seen, or skipped, how CodePop works. */
const KEY = 'tutorial';
const DONE = 'done';
const seen = createStore<boolean | null>(null);

function read(): boolean {
  return storage.get(KEY) === DONE;
}

export function useTutorialSeen(): boolean {
  return useStore(seen) ?? read();
}

export function markTutorialSeen(): void {
  storage.set(KEY, DONE);
  seen.set(true);
}
