import type { Consent, Purpose } from '@/api/types';
import { Badge, Box, Card, Notice, Rule, Switch, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';

import { useDecide } from '../api';
import { questionsOf, type Question } from '../model';

interface ConsentsProps {
  purposes: readonly Purpose[];
  consents: readonly Consent[];
}

/** What one decides about, each by itself and off until one says yes; and what an account can't do without. */
export function Consents({ purposes, consents }: ConsentsProps) {
  const decide = useDecide();
  const shown = (question: Question) => {
    const asked = decide.isPending ? decide.variables.find((one) => one.purpose === question.purpose.purpose) : undefined;
    return asked?.given ?? question.given;
  };
  return (
    <Box gap="lg">
      <Card>
        <Box gap="md">
          <Text display level={2} size="title">
            You decide
          </Text>
          {questionsOf(purposes, consents).map((question, index) => (
            <Box gap="md" key={question.purpose.purpose}>
              {index > 0 && <Rule />}
              {question.changed && <Badge icon="info" kind="warn" title="This has changed: please decide again" />}
              <Switch
                detail={question.purpose.says}
                disabled={decide.isPending}
                on={shown(question)}
                onChange={(given) => decide.mutate([{ purpose: question.purpose.purpose, given, version: question.purpose.version }])}
                title={question.purpose.title}
              />
            </Box>
          ))}
          {decide.error && (
            <Notice kind="bad" title="Not changed">
              {messageOf(decide.error)}
            </Notice>
          )}
        </Box>
      </Card>
      <Card>
        <Box gap="md">
          <Text display level={2} size="title">
            What always holds
          </Text>
          {purposes.filter((purpose) => !purpose.optional).map((purpose) => (
            <Box gap="none" key={purpose.purpose}>
              <Text bold>{purpose.title}</Text>
              <Text size="small" tone="ink2">
                {purpose.says}
              </Text>
            </Box>
          ))}
        </Box>
      </Card>
    </Box>
  );
}
