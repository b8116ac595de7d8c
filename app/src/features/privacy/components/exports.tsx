import type { DataExport } from '@/api/types';
import { Box, Button, Card, Notice, Text } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { useNow } from '@/lib/now';

import { useAskForExport } from '../api';
import { dateText, newerFrom, newestFile, timeText } from '../model';
import { Download } from './download';

/** Everything about a person in one file: asked for, made in the background, there for a while. */
export function Exports({ files }: { files: readonly DataExport[] }) {
  const ask = useAskForExport();
  const now = useNow(60_000);
  const file = newestFile(files, new Date(now));
  const url = file?.ready ? file.url : null;
  return (
    <Card>
      <Box gap="md">
        <Text display level={2} size="title">
          Take it with you
        </Text>
        <Text size="small" tone="ink2">
          One file with everything we keep about you: to read, and for other programs.
        </Text>
        <Box live="polite">
          {file && url === null && (
            <Notice icon="clock" title="We’re putting it together">
              It takes a few minutes at most. You can leave: a mail tells you when it’s ready.
            </Notice>
          )}
          {file && url !== null && file.expires_at !== null && (
            <Notice kind="ok" title="Your file is ready">{`You can download it until ${dateText(file.expires_at)}.`}</Notice>
          )}
        </Box>
        {ask.error && (
          <Notice kind="bad" title="Not asked for">
            {messageOf(ask.error)}
          </Notice>
        )}
        {url !== null && <Download url={url} />}
        {!file && <Button busy={ask.isPending} kind="secondary" onPress={() => ask.mutate()} title="Put my data together" />}
        {file && url !== null && <Newer asked={ask} file={file} now={now} />}
      </Box>
    </Card>
  );
}

/** Asked for again within the hour, the server gives the same file. */
function Newer({ asked, file, now }: { asked: ReturnType<typeof useAskForExport>; file: DataExport; now: number }) {
  const from = newerFrom(file);
  if (from <= now) return <Button busy={asked.isPending} compact kind="quiet" onPress={() => asked.mutate()} title="Make a newer one" />;
  return (
    <Text size="small" tone="ink2">
      {`A newer one can be made from ${timeText(from)}.`}
    </Text>
  );
}
