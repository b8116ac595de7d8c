import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import {
  changeAddress, changePassword, finishPasskey, finishTotp, listAddresses, listAuthenticators, makeRecoveryCodes, remindAddress,
  removePasskey, removeTotp, renamePasskey, showRecoveryCodes, startPasskey, startTotp, withdrawAddress, type Address,
} from '@/lib/api/accounts';
import { endOtherSessions, endSession, listSessions } from '@/lib/api/people';
import { makePasskey } from '@/lib/passkeys';
import { meKey } from '@/lib/queries/me';
import { mine } from '@/lib/queries/mine';

export const authenticatorsQuery = queryOptions({
  queryKey: mine('authenticators'), queryFn: ({ signal }) => listAuthenticators({ signal }), staleTime: 60_000,
});
export const addressesQuery = queryOptions({
  queryKey: mine('addresses'), queryFn: ({ signal }) => listAddresses({ signal }), staleTime: 30_000,
});
export const sessionsQuery = queryOptions({
  queryKey: mine('sessions'), queryFn: ({ signal }) => listSessions({ signal }),
});

export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ current, next }: { current: string; next: string }) => changePassword(current, next),
    onSuccess: () => queries.invalidateQueries({ queryKey: mine('sessions') }),
  });
}

/** Every change answers with the addresses as they then are. */
function useAddresses(change: (email: string) => Promise<Address[]>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (email: string) => change(email.trim()),
    onSuccess: (addresses) => {
      queries.setQueryData(mine('addresses'), addresses);
      void queries.invalidateQueries({ queryKey: meKey });
      void queries.invalidateQueries({ queryKey: mine('messages') });
    },
  });
}

export function useChangeAddress() {
  return useAddresses(changeAddress);
}

export function useWithdrawAddress() {
  return useAddresses(withdrawAddress);
}

export function useRemindAddress() {
  return useMutation({ mutationFn: remindAddress });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({ mutationFn: endSession, onSettled: () => queries.invalidateQueries({ queryKey: mine('sessions') }) });
}

export function useEndOthers() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: endOtherSessions, onSuccess: (sessions) => queries.setQueryData(mine('sessions'), sessions),
  });
}

function useFactorChange<Input, Result>(change: (input: Input) => Promise<Result>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: mine('authenticators') });
      await queries.invalidateQueries({ queryKey: meKey });
    },
  });
}

export function useStartTotp() {
  return useMutation({ mutationFn: startTotp });
}

type OnCodes = (codes: string[] | null) => void;

/** The first factor brings recovery codes along, which are shown once. Without an answer they can be made anew. */
async function firstCodes(onCodes: OnCodes): Promise<void> {
  onCodes(await showRecoveryCodes().catch(() => null));
}

export function useFinishTotp(onCodes: OnCodes) {
  return useFactorChange(async (code: string) => {
    await finishTotp(code.trim());
    await firstCodes(onCodes);
  });
}

export function useRemoveTotp() {
  return useFactorChange(() => removeTotp());
}

/** False when the person closed the browser's question. */
export function useAddPasskey(onCodes: OnCodes) {
  return useFactorChange(async (name: string) => {
    const credential = await makePasskey(await startPasskey());
    if (!credential) return false;
    await finishPasskey(name, credential);
    await firstCodes(onCodes);
    return true;
  });
}

export function useRenamePasskey() {
  return useFactorChange(({ id, name }: { id: number; name: string }) => renamePasskey(id, name.trim()));
}

export function useRemovePasskey() {
  return useFactorChange(removePasskey);
}

export function useMakeCodes(onCodes: OnCodes) {
  return useFactorChange(async () => onCodes(await makeRecoveryCodes()));
}
