import { Box, Card, IconButton, Screen, Text } from '@/components/ui';
import { useNav, type ScreenProps } from '@/lib/nav';
import { POLICY, RULES, type RefundRule } from '@/lib/refund-policy';

function Rule({ rule }: { rule: RefundRule }) {
  return (
    <Card pad="xl">
      <Box gap="xs">
        <Text display level={2} size="title">
          {rule.title}
        </Text>
        <Text tone="ink2">{rule.text}</Text>
      </Box>
    </Card>
  );
}

/** When money goes back, how much and how fast: the same words that a bank gets to read. */
export default function RefundsScreen(_: ScreenProps<'refunds'>) {
  const nav = useNav();
  return (
    <Screen>
      <Box gap="lg">
        <IconButton icon="back" label="Back" onPress={() => nav.back('home')} />
        <Text display level={1} size="hero">
          Refunds
        </Text>
      </Box>
      <Text>{POLICY}</Text>
      {RULES.map((rule) => (
        <Rule key={rule.title} rule={rule} />
      ))}
    </Screen>
  );
}
