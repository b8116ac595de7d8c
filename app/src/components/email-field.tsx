import { TextField } from '@/components/ui';

interface EmailFieldProps {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
  hint?: string;
  onSubmit?: () => void;
}

/** An e-mail address, with the keyboard and the suggestions for one; no longer than an address may be. */
export function EmailField({ label = 'E-mail', ...rest }: EmailFieldProps) {
  return <TextField autoComplete="email" capitals="none" keyboard="email-address" label={label} maxLength={254} {...rest} />;
}
