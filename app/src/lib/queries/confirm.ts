import { useMutation } from '@tanstack/react-query';

import { confirmByCode, confirmByPassword, givePasskey, passkeyChallenge } from '@/lib/api/accounts';
import { askForPasskey } from '@/lib/passkeys';

/** The ways in which somebody who is signed in shows that it is still them. */

export function useConfirmByPassword() {
  return useMutation({ mutationFn: confirmByPassword });
}

export function useConfirmByCode() {
  return useMutation({ mutationFn: (code: string) => confirmByCode(code.trim()) });
}

/** False when the person closed the browser's question. */
export function useConfirmByPasskey() {
  return useMutation({
    mutationFn: async () => {
      const credential = await askForPasskey(await passkeyChallenge('confirm'));
      if (credential) await givePasskey('confirm', credential);
      return credential !== null;
    },
  });
}
