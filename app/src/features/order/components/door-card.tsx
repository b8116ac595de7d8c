import { useState } from 'react';

import type { Order } from '@/api/types';
import { Qr } from '@/components/qr';
import { Box, Button, Card, Text } from '@/components/ui';

/** Letters and digits one by one, so that a screen reader spells them. */
function spelled(code: string): string {
  return code.replace(/\s/g, '').replace(/(?=.)/g, ' ').trim();
}

/** The code, as text and as QR, and the door that it opens. */
export function DoorCard({ order }: { order: Order }) {
  const [large, setLarge] = useState(false);
  const code = order.pickup_code;
  if (!code) return null;
  return (
    <Card pad="xl">
      <Box gap="lg">
        <Box gap="lg" justify="space-between" row>
          <Box grow style={{ gap: 2 }}>
            <Text size="small" tone="ink2">
              {order.door ? `Door ${order.door.number} opens with` : 'Your door opens with'}
            </Text>
            <Text display label={`Code ${spelled(code.text)}`} numeric selectable size="head" style={{ letterSpacing: 1 }}>
              {code.text}
            </Text>
          </Box>
          {order.door && (
            <Box align="center">
              <Text display label={`Door ${order.door.number}`} numeric size="head">
                {order.door.number}
              </Text>
              <Text size="tiny" tone="ink2">
                door
              </Text>
            </Box>
          )}
        </Box>
        <Box align="center" gap="md">
          <Qr label="QR code that opens your door" size={large ? 264 : 132} text={code.qr_text} />
          <Button
            compact
            kind="quiet"
            onPress={() => setLarge(!large)}
            title={large ? 'Smaller' : 'Larger, to hold it to the door'}
          />
        </Box>
      </Box>
    </Card>
  );
}
