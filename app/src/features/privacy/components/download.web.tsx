import { useMutation } from '@tanstack/react-query';

import { ConfirmSheet, refusalOf } from '@/components/confirm-sheet';
import { Button, Notice } from '@/components/ui';
import { messageOf } from '@/lib/api';
import { getExportFile } from '@/lib/api/privacy';
import { saveFile } from '@/lib/save-file';

/** The file, once it is shown who asks for it. */
export function Download({ url }: { url: string }) {
  const download = useMutation({
    mutationFn: async (address: string) => saveFile(await getExportFile(address), 'codepop-my-data.zip'),
  });
  const wrong = refusalOf(download.error);
  return (
    <>
      {wrong && (
        <Notice kind="bad" title="Not downloaded">
          {messageOf(wrong)}
        </Notice>
      )}
      <Button busy={download.isPending} kind="secondary" onPress={() => download.mutate(url)} title="Download" />
      <ConfirmSheet of={download} act="download everything about you" />
    </>
  );
}
