import { useEffect, useState } from 'react';

import type { Order } from '@/api/types';
import { Button, Notice, Sheet, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';

import { useOpenDoor } from '../api';

interface DoorSheetProps {
  order: Order;
  open: boolean;
  onClose: () => void;
}

/** A door that opens says so within moments. */
const PATIENCE_MS = 15_000;

/** Opens the door from here. Asked once, because a drink behind an open door belongs to whoever walks by. */
export function DoorSheet({ order, open, onClose }: DoorSheetProps) {
  const door = useOpenDoor(order.id);
  const number = order.door?.number ?? '';
  const code = order.pickup_code?.text ?? '';
  const sent = door.isSuccess && order.status === 'ready';
  const { reset } = door;
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!sent) return undefined;
    const timer = setTimeout(() => {
      setLate(true);
      reset();
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [sent, reset]);
  return (
    <Sheet
      footer={
        <Button
          busy={door.isPending || sent}
          icon="door"
          onPress={() => {
            setLate(false);
            door.mutate(code.replace(/\s/g, ''));
          }}
          title={sent ? `Door ${number} is opening` : `Open door ${number}`}
        />
      }
      onClose={onClose}
      open={open}
      title={`Are you at door ${number}?`}
    >
      <Text>{`It opens right away, at ${order.store.name}. Stand in front of it first.`}</Text>
      {late && (
        <Notice kind="warn" title="Still shut?">
          {`Try again, or type ${order.pickup_code?.text ?? 'your code'} at the keypad beside the doors.`}
        </Notice>
      )}
      {door.error && (
        <Notice kind="bad" title="The door stayed shut">
          {messageOf(door.error)}
        </Notice>
      )}
    </Sheet>
  );
}
