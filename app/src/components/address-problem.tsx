import { Button, Notice } from '@/components/ui';
import { useNav } from '@/lib/nav';
import { useAddressProblem } from '@/lib/queries/mine';

interface AddressProblemProps {
  /** The page is the one on which another address is given. */
  here?: boolean;
}

/** Mail to the person comes back: they are asked for another address, wherever they would rely on our mail. */
export function AddressProblem({ here = false }: AddressProblemProps) {
  const nav = useNav();
  const settings = useAddressProblem();
  if (!settings) return null;
  const bounced = settings.address_problem === 'bounced';
  return (
    <Notice
      action={here ? undefined : <Button compact kind="secondary" onPress={() => nav.go('email')} title="Give another address" />}
      icon="mail"
      kind="warn"
      title={bounced ? `Mail to ${settings.email_hint} comes back` : `Our mail to ${settings.email_hint} was called spam`}
    >
      {bounced
        ? 'So receipts can’t reach you, nor a link for a new password. Nothing is lost: it’s all in the app. Give us an address that works.'
        : 'So we have stopped writing there, receipts too. Give us another address if you want mail again.'}
    </Notice>
  );
}
