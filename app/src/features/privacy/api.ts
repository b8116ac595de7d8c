import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import type { MyPrivacy } from '@/api/types';
import { askForErasure, askForExport, getMyPrivacy, getPrivacyNotice, setConsents, withdrawErasure } from '@/lib/api/privacy';
import { mine } from '@/lib/queries/mine';

/** A file is put together in the background; until it is there it is looked for. */
const LOOK_MS = 5000;

export const privacyQuery = queryOptions({
  queryKey: mine('privacy'),
  queryFn: ({ signal }) => getMyPrivacy({ signal }),
  refetchInterval: ({ state }) => (state.data?.exports.some((file) => !file.ready) ? LOOK_MS : false),
});

export const noticeQuery = queryOptions({
  queryKey: ['privacy-notice'], queryFn: ({ signal }) => getPrivacyNotice({ signal }), staleTime: 60_000,
});

/** Changes that answer with everything as it then is. */
function useChange<Input>(change: (input: Input) => Promise<MyPrivacy>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (privacy) => {
      queries.setQueryData(mine('privacy'), privacy);
      void queries.invalidateQueries({ queryKey: mine('messages') });
      void queries.invalidateQueries({ queryKey: mine('health') });
    },
    // A yes to what has changed since is refused: then it must be read again.
    onError: async () => {
      await queries.invalidateQueries({ queryKey: noticeQuery.queryKey });
      await queries.invalidateQueries({ queryKey: mine('privacy') });
    },
  });
}

export function useDecide() {
  return useChange(setConsents);
}

export function useAskForErasure() {
  return useChange(() => askForErasure());
}

export function useWithdrawErasure() {
  return useChange(() => withdrawErasure());
}

export function useAskForExport() {
  const queries = useQueryClient();
  return useMutation({ mutationFn: askForExport, onSuccess: () => queries.invalidateQueries({ queryKey: mine('privacy') }) });
}
