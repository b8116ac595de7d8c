import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { SafeAreaProvider, useSafeAreaInsets } from 'react-native-safe-area-context';

import { Box, Text } from '@/components/ui';
import { useOnline } from '@/lib/online';
import { queryClient } from '@/lib/query-client';
import { useConfig } from '@/lib/queries/config';

/** What stands around every screen: server state, safe areas, and the two things everyone must know. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={queryClient}>
      <SafeAreaProvider style={{ flex: 1 }}>
        <Frame>{children}</Frame>
      </SafeAreaProvider>
    </QueryClientProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <Box fill="paper" style={{ flex: 1 }}>
      <SandboxBanner />
      <OfflineBanner />
      <Box style={{ flex: 1 }}>{children}</Box>
    </Box>
  );
}

function SandboxBanner() {
  const insets = useSafeAreaInsets();
  const config = useConfig();
  if (config?.mode !== 'sandbox') return null;
  return (
    <Box fill="lime" padX="md" label="About this shop" role="region" style={{ paddingTop: insets.top + 3, paddingBottom: 3 }}>
      <Text bold center size="tiny" tone="onLime">
        Sandbox: no real money
      </Text>
    </Box>
  );
}

function OfflineBanner() {
  const online = useOnline();
  return (
    <Box fill="ink" live="polite" role="status">
      {!online && (
        <Box padX="lg" padY="sm">
          <Text bold center size="small" tone="paper">
            You’re offline. What you see may be old, and nothing you chose is lost.
          </Text>
        </Box>
      )}
    </Box>
  );
}
