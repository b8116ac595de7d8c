import { useState } from 'react';

import type { Order } from '@/api/types';
import { QrCode } from '@/components/qr-code';
import { Box, Card, Press, Sheet, Text } from '@/components/ui';

/** Letters and digits one by one, so that a screen reader spells them. */
function spelled(code: string): string {
  return code.replace(/\s/g, '').replace(/(?=.)/g, ' ').trim();
}

interface PickupCode {
  text: string;
  qr_text: string;
}

/** Small beside the code; large when pressed, to be held to the door's reader. */
function QrButton({ code }: { code: PickupCode }) {
  const [large, setLarge] = useState(false);
  return (
    <>
      <Press label="Show the QR code large" onPress={() => setLarge(true)} style={() => ({ borderRadius: 10 })}>
        <QrCode label="QR code that opens your door" size={108} text={code.qr_text} />
      </Press>
      <Sheet onClose={() => setLarge(false)} open={large} title="Hold it to the door">
        <Box align="center" gap="lg">
          {large && <QrCode label="QR code that opens your door" size={260} text={code.qr_text} />}
          <Text display label={`Code ${spelled(code.text)}`} numeric selectable size="head" style={{ letterSpacing: 1 }}>
            {code.text}
          </Text>
          <Text center tone="ink2">
            The reader is beside the doors. Typing the code does the same.
          </Text>
        </Box>
      </Sheet>
    </>
  );
}

/** The code, as text and as QR, and the door that it opens. */
export function DoorCard({ order }: { order: Order }) {
  const code = order.pickup_code;
  if (!code) return null;
  return (
    <Card pad="xl">
      <Box gap="lg" justify="space-between" row>
        <Box grow style={{ gap: 2 }}>
          <Text size="small" tone="ink2">
            {order.door ? `Door ${order.door.number} opens with` : 'Your door opens with'}
          </Text>
          <Text display label={`Code ${spelled(code.text)}`} numeric selectable size="head" style={{ letterSpacing: 1 }}>
            {code.text}
          </Text>
          <Text size="small" tone="ink2">
            {order.door ? 'Type it at the door, or show the QR.' : 'You get its number when your drink is behind it.'}
          </Text>
        </Box>
        <QrButton code={code} />
      </Box>
    </Card>
  );
}
