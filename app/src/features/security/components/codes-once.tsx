import { useState } from 'react';

import { Box, Button, Card, Checkbox, Notice, Text } from '@/components/ui';
import { copyText } from '@/lib/links';

interface CodesOnceProps {
  codes: readonly string[];
  onDone: () => void;
}

/** Recovery codes, shown this once: one goes on only after saying that they are kept. */
export function CodesOnce({ codes, onDone }: CodesOnceProps) {
  const [kept, setKept] = useState(false);
  const [copied, setCopied] = useState(false);
  return (
    <Box gap="lg">
      <Notice icon="warn" kind="warn" title="Keep these codes now">
        They are shown only this once. If you lose your phone or passkey, each of them lets you in one time.
      </Notice>
      <Card>
        <Box gap="sm" label="Recovery codes" role="list" row style={{ justifyContent: 'space-between' }} wrap>
          {codes.map((code) => (
            <Box key={code} role="listitem" style={{ minWidth: 128 }}>
              <Text label={code.split('').join(' ')} numeric selectable style={{ fontFamily: 'monospace' }}>
                {code}
              </Text>
            </Box>
          ))}
        </Box>
      </Card>
      <Button
        icon={copied ? 'check' : undefined}
        kind="secondary"
        onPress={() => void copyText(codes.join('\n')).then(setCopied)}
        title={copied ? 'Copied: put them into a safe place' : 'Copy all'}
      />
      <Checkbox checked={kept} onChange={setKept} title="I have kept them where I’ll find them" />
      <Button disabled={!kept} onPress={onDone} title="Done" />
    </Box>
  );
}
