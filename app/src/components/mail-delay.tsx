import { useQuery } from '@tanstack/react-query';

import { Notice } from '@/components/ui';
import { configQuery } from '@/lib/queries/config';

const LOOK_MS = 30_000;

/** For those who wait for a mail of ours while our mail is late: the truth, and that nothing has to be done. */
export function MailDelay() {
  const config = useQuery({ ...configQuery, staleTime: 0, refetchInterval: LOOK_MS });
  if (!config.data?.mail.delayed) return null;
  return (
    <Notice icon="clock" kind="warn" title="Our mail is late right now">
      It is kept and goes out by itself as soon as it can. You don’t have to ask again.
    </Notice>
  );
}
