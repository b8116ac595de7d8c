import { Box, IconButton, LinkList, LinkRow } from '@/components/ui';
import { useNav } from '@/lib/nav';
import { markTutorialSeen, useTutorialSeen } from '@/lib/tutorial';

/** For newcomers: how it works, or not now. Gone for good after either. */
export function WelcomeRow() {
  const nav = useNav();
  if (useTutorialSeen()) return null;
  return (
    <Box gap="sm" row>
      <Box grow>
        <LinkList>
          <LinkRow detail="Half a minute" icon="star" onPress={() => nav.go('welcome')} title="New here? See how it works" />
        </LinkList>
      </Box>
      <IconButton icon="close" label="Skip how it works" onPress={markTutorialSeen} />
    </Box>
  );
}
