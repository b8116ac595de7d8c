import { Box, Link, Text } from '@/components/ui';
import { useNav } from '@/lib/nav';
import { POLICY_IN_SHORT } from '@/lib/refund-policy';

/** When money goes back, in one sentence, and where to read more: `href` is the address of that page. */
export function RefundPolicy({ href }: { href: string }) {
  const nav = useNav();
  return (
    <Box>
      <Text size="small" tone="ink2">
        {POLICY_IN_SHORT}
      </Text>
      <Link href={href} onPress={() => nav.go('refunds')} title="How refunds work" />
    </Box>
  );
}
