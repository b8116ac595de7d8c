import { useMutation, useQueryClient } from '@tanstack/react-query';

import { signIn, signOut } from '@/lib/api/accounts';
import { meKey } from '@/lib/queries/me';

/** Who one is changes what every list shows: all of it is asked for again. */
export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) => signIn(email.trim(), password),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: meKey });
      await queries.invalidateQueries({ queryKey: ['orders'] });
    },
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      queries.setQueryData(meKey, null);
      queries.removeQueries({ queryKey: ['orders'] });
      queries.removeQueries({ queryKey: ['order'] });
    },
  });
}
