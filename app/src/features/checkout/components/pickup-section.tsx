import { TimePicker } from '@/components/pickup-picker';
import { Box, Segmented, Text } from '@/components/ui';

import type { PickupAnswer, PickupState } from '../model';

const CHOICES: readonly { value: PickupAnswer; title: string; hint: string }[] = [
  { value: 'now', title: 'Right away', hint: 'we start when you have paid' },
  { value: 'at', title: 'At a time', hint: 'ready when you say' },
  { value: 'later', title: 'I’ll tell you', hint: 'pay now, tell us to start later' },
];

const MEANING: Record<PickupAnswer, string> = {
  now: 'A robot takes it as soon as you’ve paid.',
  at: 'We start so that it’s ready, and cold, at your time.',
  later: 'Pay now and tap “Start now” when you’re on your way. It’s yours to cancel until then.',
};

interface PickupSectionProps {
  slug: string;
  value: PickupState;
  /** Whether the store makes drinks now; else only a time can be chosen. */
  open: boolean;
  /** The first time that can be had. */
  first: string | null;
  onChange: (value: PickupState) => void;
}

/** When it shall be ready. */
export function PickupSection({ slug, value, open, first, onChange }: PickupSectionProps) {
  return (
    <Box gap="md">
      <Text display level={2} size="title">
        When?
      </Text>
      <Segmented
        choices={CHOICES.map((choice) => ({ ...choice, disabled: choice.value !== 'at' && !open }))}
        label="When to make it"
        onChange={(answer) => onChange({ answer, at: value.at ?? first })}
        value={value.answer}
      />
      <Text size="small" tone="ink2">
        {MEANING[value.answer]}
      </Text>
      {value.answer === 'at' && <TimePicker onChange={(at) => onChange({ ...value, at })} slug={slug} value={value.at} />}
    </Box>
  );
}
