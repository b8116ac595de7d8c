import { getChosenStore } from '@/lib/chosen-store';
import { queryClient } from '@/lib/query-client';
import { configQuery } from '@/lib/queries/config';
import { menuQuery } from '@/lib/queries/menu';
import { storeQuery, storesQuery } from '@/lib/queries/stores';

import type { Match } from './routes';
import { preload } from './screens';

/**
 * Fetches a screen and its data side by side, where otherwise the data would wait for the screen. A failure is left to
 * the screen, which asks again and says what is the matter.
 */
export function prefetch(match: Match): void {
  const store = match.name === 'home' ? getChosenStore() : 'store' in match.params ? match.params.store : null;
  preload(match.name);
  attempt(queryClient.query(configQuery));
  if (match.name === 'home') preload(store ? 'menu' : 'stores');
  if (store) {
    attempt(queryClient.query(menuQuery(store)));
    attempt(queryClient.query(storeQuery(store)));
  } else if (match.name === 'home' || match.name === 'stores') attempt(queryClient.query(storesQuery({})));
}

function attempt(fetched: Promise<unknown>): void {
  fetched.catch(() => undefined);
}
