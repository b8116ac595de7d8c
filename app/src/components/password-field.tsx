import { useState } from 'react';

import { Icon, Press, TextField } from '@/components/ui';
import { missingIn, PASSWORD_RULE } from '@/lib/passwords';
import { TARGET } from '@/theme';

interface PasswordFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
  onSubmit?: () => void;
  /** A password to be: the rule is told, and what is missing while one types. */
  fresh?: boolean;
}

/** A password, hidden until one wants to see it. */
export function PasswordField({ label, value, onChange, error, onSubmit, fresh = false }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const missing = fresh && value !== '' ? missingIn(value) : null;
  return (
    <TextField
      autoComplete={fresh ? 'new-password' : 'current-password'}
      capitals="none"
      error={error}
      hint={fresh ? (missing ?? PASSWORD_RULE) : undefined}
      label={label}
      onChange={onChange}
      onSubmit={onSubmit}
      secure={!shown}
      trailing={
        <Press
          checked={shown}
          label="Show what I type"
          onPress={() => setShown(!shown)}
          role="switch"
          style={() => ({ width: TARGET, height: TARGET, alignItems: 'center', justifyContent: 'center', marginRight: -10 })}
        >
          <Icon name="eye" tone={shown ? 'pop' : 'ink2'} />
        </Press>
      }
      value={value}
    />
  );
}
