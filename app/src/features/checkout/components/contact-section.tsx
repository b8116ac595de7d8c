import { useQuery } from '@tanstack/react-query';

import { AddressProblem } from '@/components/address-problem';
import { Loaded } from '@/components/loaded';
import { Box, Text, TextField } from '@/components/ui';
import { meQuery } from '@/lib/queries/me';

interface ContactSectionProps {
  email: string;
  error: string | null;
  onChange: (email: string) => void;
}

/** How the store reaches the person. Accounts have an address already; guests give one for this order. */
export function ContactSection({ email, error, onChange }: ContactSectionProps) {
  return (
    <Box gap="md">
      <Text display level={2} size="title">
        How we reach you
      </Text>
      <Loaded failed="Your account didn’t load" label="Looking who you are" query={useQuery(meQuery)} shapes={[52]}>
        {(me) =>
          me ? (
            <>
              <Text>{`At ${me.email_hint}.`}</Text>
              <AddressProblem />
            </>
          ) : (
            <TextField
              autoComplete="email"
              capitals="none"
              error={error}
              hint="For questions about this order and for nothing else. No account needed."
              keyboard="email-address"
              label="E-mail"
              maxLength={254}
              onChange={onChange}
              value={email}
            />
          )
        }
      </Loaded>
    </Box>
  );
}
