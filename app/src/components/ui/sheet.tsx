import type { ReactNode } from 'react';
import { Modal, Pressable, ScrollView, View } from 'react-native';

import { radius, space, useMotion, useTheme, useWide } from '@/theme';

import { IconButton } from './icon-button';
import { Box } from './layout';
import { Text } from './text';

export interface SheetProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Stays in view below what scrolls. */
  footer?: ReactNode;
}

/** A question or a list over the page: from below on a phone, a dialog where there is room. Escape closes it. */
export function Sheet({ title, open, onClose, children, footer }: SheetProps) {
  const { color } = useTheme();
  const wide = useWide();
  const motion = useMotion();
  const corners = wide
    ? { borderRadius: radius.lg, width: 520 }
    : { borderTopLeftRadius: radius.lg, borderTopRightRadius: radius.lg, alignSelf: 'stretch' as const };
  return (
    <Modal
      animationType={motion ? (wide ? 'fade' : 'slide') : 'none'}
      aria-label={title}
      onRequestClose={onClose}
      transparent
      visible={open}
    >
      <View style={{ flex: 1, justifyContent: wide ? 'center' : 'flex-end', alignItems: 'center' }}>
        <Pressable
          aria-hidden
          onPress={onClose}
          style={{ position: 'absolute', top: 0, bottom: 0, left: 0, right: 0, backgroundColor: color.veil }}
          tabIndex={-1}
        />
        <View style={{ ...corners, maxHeight: '88%', backgroundColor: color.paper }}>
          <Box justify="space-between" row style={{ padding: space.lg, paddingLeft: space.xl }}>
            <Text display level={2} size="title">
              {title}
            </Text>
            <IconButton icon="close" label="Close" onPress={onClose} />
          </Box>
          <ScrollView contentContainerStyle={{ paddingHorizontal: space.xl, paddingBottom: space.xl, gap: space.lg }}>
            {children}
          </ScrollView>
          {footer && <Box padX="xl" padY="lg">{footer}</Box>}
        </View>
      </View>
    </Modal>
  );
}
