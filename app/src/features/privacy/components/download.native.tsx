import { Button } from '@/components/ui';
import { openPage } from '@/lib/links';
import { hrefTo } from '@/navigation/routes';

/** On a phone the file is had from the web page, signed in there: that is where other programs can take it from. */
export function Download(_: { url: string }) {
  return <Button kind="secondary" onPress={() => openPage(hrefTo('privacy'))} title="Download on the web page" />;
}
