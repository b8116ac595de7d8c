import { Box, Loading, Screen, Skeleton } from '@/components/ui';

/** The shape of the builder. */
export function BuilderWaiting() {
  return (
    <Screen>
      <Loading label="Loading the drink">
        <Skeleton height={220} rounded="lg" />
        <Skeleton height={32} width="60%" />
        <Skeleton height={52} rounded="md" />
        {[0, 1, 2].map((row) => (
          <Box gap="md" key={row} row>
            <Skeleton height={20} width={20} />
            <Box grow>
              <Skeleton height={20} width="50%" />
            </Box>
            <Skeleton height={44} rounded="md" width={130} />
          </Box>
        ))}
        <Skeleton height={52} rounded="md" />
      </Loading>
    </Screen>
  );
}
