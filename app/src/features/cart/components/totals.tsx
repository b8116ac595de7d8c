import type { Quote } from '@/api/types';
import { Box, Money, Rule, Skeleton, Text } from '@/components/ui';

function Row({ title, cents, currency, strong = false }: { title: string; cents?: number; currency?: string; strong?: boolean }) {
  return (
    <Box justify="space-between" minHeight={28} row>
      <Text bold={strong} tone={strong ? 'ink' : 'ink2'}>
        {title}
      </Text>
      {cents === undefined || currency === undefined ? (
        <Skeleton height={18} width={64} />
      ) : (
        <Money bold={strong} cents={cents} currency={currency} tone={strong ? 'ink' : 'ink2'} />
      )}
    </Box>
  );
}

/** What it comes to, as the server has it; shapes while it is asked. */
export function Totals({ quote, old }: { quote: Quote | undefined; old: boolean }) {
  const known = old ? undefined : quote;
  return (
    <Box gap="sm" live="polite">
      <Row cents={known?.subtotal_cents} currency={known?.currency} title="Drinks" />
      <Row cents={known?.tax_cents} currency={known?.currency} title="Sales tax" />
      <Rule />
      <Row cents={known?.total_cents} currency={known?.currency} strong title="Total" />
    </Box>
  );
}
