import { Box, IconButton, Text } from '@/components/ui';
import { useNav, type RouteName } from '@/lib/nav';

interface PageHeadProps {
  title: string;
  /** What the page is for, in a sentence. */
  says?: string;
  /** Where "back" leads when a link opened the page. */
  back: RouteName;
}

/** The way back and one strong headline. */
export function PageHead({ title, says, back }: PageHeadProps) {
  const nav = useNav();
  return (
    <Box gap="lg">
      <Box row>
        <IconButton icon="back" label="Back" onPress={() => nav.back(back)} />
      </Box>
      <Box gap="sm">
        <Text display level={1} size="hero">
          {title}
        </Text>
        {says !== undefined && <Text tone="ink2">{says}</Text>}
      </Box>
    </Box>
  );
}
