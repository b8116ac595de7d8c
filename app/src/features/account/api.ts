import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';

import {
  askForReset, checkReset, giveCode, givePasskey, linkAddress, passkeyChallenge, resendVerification, setNewPassword, signIn,
  signOut, signUp, verifyAddress, type PasskeyPurpose,
} from '@/lib/api/accounts';
import type { AuthStep } from '@/lib/api/allauth';
import { askForPasskey } from '@/lib/passkeys';
import { forgetPersonal, meKey } from '@/lib/queries/me';
import { noteForSignIn } from '@/lib/sign-in-notes';

async function becomeSomebodyElse(queries: QueryClient): Promise<void> {
  forgetPersonal(queries);
  await queries.invalidateQueries({ queryKey: meKey });
}

/** A step of signing in; who one is then changes what every list shows. */
function useStep<Input>(take: (input: Input) => Promise<AuthStep | null>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: take,
    onSuccess: (step) => {
      if (step?.kind !== 'in') return undefined;
      noteForSignIn({ email: '', news: null });
      return becomeSomebodyElse(queries);
    },
  });
}

export interface Credentials {
  email: string;
  password: string;
}

export function useSignIn() {
  return useStep(({ email, password }: Credentials) => signIn(email.trim(), password));
}

export function useSignUp() {
  return useStep(({ email, password }: Credentials) => signUp(email.trim(), password));
}

export function useGiveCode() {
  return useStep((code: string) => giveCode(code.trim()));
}

/** Null when the person closed the browser's question. */
export function useGivePasskey(purpose: PasskeyPurpose) {
  return useStep(async () => {
    const credential = await askForPasskey(await passkeyChallenge(purpose));
    return credential && givePasskey(purpose, credential);
  });
}

export function useVerify() {
  return useStep((key: string) => verifyAddress(key));
}

export function useSetNewPassword(key: string) {
  return useStep((password: string) => setNewPassword(key, password));
}

export function useResend() {
  return useMutation({ mutationFn: (email: string) => resendVerification(email.trim()) });
}

export function useAskForReset() {
  return useMutation({ mutationFn: (email: string) => askForReset(email.trim()) });
}

/** Looking at a link does not use it up. */
export function linkQuery(key: string) {
  return queryOptions({
    queryKey: ['link', 'verify', key], queryFn: ({ signal }) => linkAddress(key, { signal }), staleTime: Infinity, gcTime: 0,
  });
}

export function resetLinkQuery(key: string) {
  return queryOptions({
    queryKey: ['link', 'reset', key], queryFn: ({ signal }) => checkReset(key, { signal }), staleTime: Infinity, gcTime: 0,
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      noteForSignIn({ email: '', news: 'signed-out' });
      queries.setQueryData(meKey, null);
      forgetPersonal(queries);
    },
  });
}
