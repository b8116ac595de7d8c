import { useState } from 'react';

import { ConfirmSheet, refusalOf } from '@/components/confirm-sheet';
import { Box, Button, Card, Notice, Sheet, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import type { Authenticator } from '@/lib/api/accounts';
import { count } from '@/lib/format';

import { useMakeCodes } from '../api';

interface RecoveryCodesProps {
  codes: Extract<Authenticator, { type: 'recovery_codes' }>;
  onCodes: (codes: string[] | null) => void;
}

/** How many are left, and new ones for those that were used or lost. */
export function RecoveryCodes({ codes, onCodes }: RecoveryCodesProps) {
  const [asking, setAsking] = useState(false);
  const make = useMakeCodes(onCodes);
  const wrong = refusalOf(make.error);
  const few = codes.unused_code_count <= 3;
  const begin = () => {
    setAsking(false);
    make.mutate(undefined);
  };
  return (
    <Card>
      <Box gap="md">
        <Text display level={2} size="title">
          Recovery codes
        </Text>
        <Text size="small" tone={few ? 'warn' : 'ink2'}>
          {`${count(codes.unused_code_count, 'code')} of ${codes.total_code_count} left. Each lets you in once when your second step is lost.`}
        </Text>
        {wrong && (
          <Notice kind="bad" title="No new codes">
            {messageOf(wrong)}
          </Notice>
        )}
        <Box row>
          <Button busy={make.isPending} compact icon="refresh" kind="secondary" onPress={() => setAsking(true)} title="Make new codes" />
        </Box>
      </Box>
      <Sheet
        footer={
          <Box gap="sm">
            <Button onPress={begin} title="Make new ones" />
            <Button kind="quiet" onPress={() => setAsking(false)} title="Keep the old ones" />
          </Box>
        }
        onClose={() => setAsking(false)}
        open={asking}
        title="New recovery codes?"
      >
        <Text>The old ones stop working at once, also those on paper.</Text>
      </Sheet>
      <ConfirmSheet of={make} />
    </Card>
  );
}
