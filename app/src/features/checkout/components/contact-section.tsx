import type { Me } from '@/api/types';
import { AddressProblem } from '@/components/address-problem';
import { Box, Skeleton, Text, TextField } from '@/components/ui';

interface ContactSectionProps {
  me: Me | null | undefined;
  email: string;
  error: string | null;
  onChange: (email: string) => void;
}

/** How the store reaches the person. Accounts have an address already; guests give one for this order. */
export function ContactSection({ me, email, error, onChange }: ContactSectionProps) {
  return (
    <Box gap="md">
      <Text display level={2} size="title">
        How we reach you
      </Text>
      {me === undefined && <Skeleton height={52} rounded="md" />}
      {me && <Text>{`At ${me.email_hint}.`}</Text>}
      <AddressProblem />
      {me === null && (
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
      )}
    </Box>
  );
}
