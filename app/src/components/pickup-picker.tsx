import { useMemo, useState } from 'react';

import { Box, Chips, Loading, Notice, Segmented, Skeleton, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { pickupDays, timeTitle, type PickupDay } from '@/lib/pickup-times';
import { useStoreDetail } from '@/lib/queries/stores';

interface TimePickerProps {
  /** The store that hands the drinks out. */
  slug: string;
  /** RFC 3339, or null while none is chosen. */
  value: string | null;
  onChange: (at: string) => void;
}

/** Quarter hours at which the store is open, by day. */
export function TimePicker({ slug, value, onChange }: TimePickerProps) {
  const store = useStoreDetail(slug);
  const detail = store.data;
  const days = useMemo(() => (detail ? pickupDays(detail, new Date()) : []), [detail]);
  if (store.error && !detail) return <Notice kind="warn" title="No opening hours yet">{messageOf(store.error)}</Notice>;
  if (!detail) {
    return (
      <Loading label="Loading times">
        <Skeleton height={44} rounded="pill" />
      </Loading>
    );
  }
  if (days.length === 0) {
    return <Notice kind="warn" title="No times to offer">{`${detail.name} doesn’t open in the next day and a half.`}</Notice>;
  }
  const chosen = value === null ? null : new Date(value).toISOString();
  return <Times days={days} onChange={onChange} timezone={detail.timezone} value={chosen} />;
}

interface TimesProps {
  days: PickupDay[];
  timezone: string;
  value: string | null;
  onChange: (at: string) => void;
}

function Times({ days, timezone, value, onChange }: TimesProps) {
  const dayOf = (at: string | null) => days.find((entry) => at !== null && entry.times.includes(at));
  const [name, setName] = useState(() => dayOf(value)?.name);
  const shown = days.find((entry) => entry.name === name) ?? days[0];
  if (!shown) return null;
  return (
    <Box gap="md">
      {days.length > 1 ? (
        <Segmented
          choices={days.map((entry) => ({ value: entry.name, title: entry.name }))}
          label="Day"
          onChange={setName}
          value={shown.name}
        />
      ) : (
        <Text size="small" tone="ink2">{`${shown.name}, on the store’s clock`}</Text>
      )}
      <Chips
        choices={shown.times.map((at) => ({ value: at, title: timeTitle(at, timezone) }))}
        inset={20}
        label="Time"
        onChange={onChange}
        value={value ?? ''}
      />
    </Box>
  );
}
