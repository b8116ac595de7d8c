import { getChosenStore } from '@/lib/chosen-store';
import { queryClient } from '@/lib/query-client';
import { configQuery } from '@/lib/queries/config';
import { meQuery } from '@/lib/queries/me';
import { menuQuery } from '@/lib/queries/menu';
import { storeQuery, storesQuery } from '@/lib/queries/stores';

import type { Match } from './routes';
import { preload } from './screens';

const PATIENCE_MS = 150;

/**
 * Fetches a screen and its data side by side, where otherwise the data would wait for the screen. A failure is left to
 * the screen, which asks again and says what is the matter. Resolves when the configuration is there, which the page
 * has fetched beside its scripts, or after a moment without it: it decides what stands above every screen.
 */
export function prefetch(match: Match): Promise<void> {
  const store = match.name === 'home' ? getChosenStore() : 'store' in match.params ? match.params.store : null;
  preload(match.name);
  if (store) {
    void attempt(queryClient.query(meQuery));
    void attempt(queryClient.query(menuQuery(store)));
    void attempt(queryClient.query(storeQuery(store)));
  } else if (match.name === 'home' || match.name === 'stores') void attempt(queryClient.query(storesQuery({})));
  return Promise.race([attempt(queryClient.query(configQuery)), patience()]);
}

function attempt(fetched: Promise<unknown>): Promise<void> {
  return fetched.then(
    () => undefined,
    () => undefined,
  );
}

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
}
