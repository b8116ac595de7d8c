import { View } from 'react-native';

import { useTheme, type Palette } from '@/theme';

import { Box } from './layout';
import { Text } from './text';

export interface TimelineStep {
  key: string;
  text: string;
  /** "8:31", already in the store's zone. */
  time?: string | null;
  state: 'done' | 'now' | 'next' | 'bad';
}

const SAID: Record<TimelineStep['state'], string> = { done: 'done', now: 'now', next: 'to come', bad: 'stopped' };

function dotColor(state: TimelineStep['state'], color: Palette): string {
  return { done: color.ok, now: color.pop, next: color.line, bad: color.bad }[state];
}

function Dot({ state, first, last }: { state: TimelineStep['state']; first: boolean; last: boolean }) {
  const { color } = useTheme();
  const fill = dotColor(state, color);
  return (
    <View style={{ width: 22, alignSelf: 'stretch', alignItems: 'center' }}>
      <View
        style={{
          position: 'absolute', width: 3, top: first ? 12 : 0, bottom: last ? undefined : 0,
          height: last ? 12 : undefined, backgroundColor: color.line,
        }}
      />
      {state === 'now' && (
        <View style={{ position: 'absolute', top: 1, width: 22, height: 22, borderRadius: 11, backgroundColor: fill, opacity: 0.3 }} />
      )}
      <View style={{ marginTop: 5, width: 14, height: 14, borderRadius: 7, backgroundColor: fill }} />
    </View>
  );
}

/** What happened, what happens, what comes; in time order. */
export function Timeline({ steps, label }: { steps: readonly TimelineStep[]; label: string }) {
  return (
    <Box label={label} role="list">
      {steps.map((step, index) => (
        <Box align="stretch" gap="md" key={step.key} role="listitem" row>
          <Dot first={index === 0} last={index === steps.length - 1} state={step.state} />
          <Box grow style={{ paddingBottom: index === steps.length - 1 ? 0 : 16 }}>
            <Text
              bold={step.state !== 'next'}
              label={[step.text, step.time, SAID[step.state]].filter(Boolean).join(', ')}
              tone={step.state === 'next' ? 'ink2' : 'ink'}
            >
              {step.text}
              {step.time ? <Text numeric tone="ink2">{` ${step.time}`}</Text> : null}
            </Text>
          </Box>
        </Box>
      ))}
    </Box>
  );
}
