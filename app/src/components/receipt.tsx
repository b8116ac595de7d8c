import type { Menu, QuoteLine } from '@/api/types';
import { Badge, Box, Money, Rule, Skeleton, Text } from '@/components/ui';
import { allergenName } from '@/lib/drink';
import { list } from '@/lib/format';

const ICE = { none: 'no ice', light: 'light ice', regular: 'regular ice', extra: 'extra ice' } as const;

interface LinesProps {
  lines: readonly QuoteLine[];
  currency: string;
  /** Names the sizes; while it loads the codes stand out of the way. */
  menu: Menu | undefined;
}

/** The drinks with their prices, and every allergen by name. */
export function ReceiptLines({ lines, currency, menu }: LinesProps) {
  return (
    <Box gap="md" label="Drinks" role="list">
      {lines.map((line, index) => (
        <Box gap="xs" key={index} role="listitem">
          <Box align="flex-start" gap="md" justify="space-between" row>
            <Box grow>
              <Text bold>{line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name}</Text>
            </Box>
            <Money cents={line.total_cents} currency={currency} />
          </Box>
          <Text numeric size="small" tone="ink2">
            {[menu?.sizes.find((size) => size.code === line.size)?.name, ICE[line.recipe.ice]].filter(Boolean).join(', ')}
          </Text>
          <Allergens line={line} />
        </Box>
      ))}
    </Box>
  );
}

function Allergens({ line }: { line: QuoteLine }) {
  const contains = line.allergens.map(allergenName);
  const may = line.may_contain.map(allergenName);
  if (contains.length + may.length === 0) return null;
  return (
    <Box gap="xs" row wrap>
      {contains.length > 0 && <Badge kind="strong" title={`contains ${list(contains)}`} />}
      {may.length > 0 && <Badge title={`may contain ${list(may)}`} />}
    </Box>
  );
}

interface Sums {
  subtotal_cents: number;
  tax_cents: number;
  total_cents: number;
  currency: string;
}

/** Subtotal, tax and total as the server has them; shapes while it is asked. */
export function ReceiptSums({ sums }: { sums: Sums | undefined }) {
  return (
    <Box gap="xs" live="polite">
      <SumRow cents={sums?.subtotal_cents} currency={sums?.currency} title="Drinks" />
      <SumRow cents={sums?.tax_cents} currency={sums?.currency} title="Sales tax" />
      <Rule />
      <SumRow cents={sums?.total_cents} currency={sums?.currency} strong title="Total" />
    </Box>
  );
}

function SumRow(props: { title: string; cents: number | undefined; currency: string | undefined; strong?: boolean }) {
  const tone = props.strong ? 'ink' : 'ink2';
  return (
    <Box justify="space-between" minHeight={28} row>
      <Text bold={props.strong} tone={tone}>
        {props.title}
      </Text>
      {props.cents === undefined || props.currency === undefined ? (
        <Skeleton height={18} width={64} />
      ) : (
        <Money bold={props.strong} cents={props.cents} currency={props.currency} tone={tone} />
      )}
    </Box>
  );
}
