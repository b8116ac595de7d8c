import type { ReactNode } from 'react';
import { Modal, ScrollView, View } from 'react-native';

import { radius, space, TARGET, useMotion, useTheme, useWide } from '@/theme';

import { IconButton } from './icon-button';
import { Box } from './layout';
import { Text } from './text';
import { onTap } from './web';

export interface SheetProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Stays in view below what scrolls. */
  footer?: ReactNode;
  /** Something is typed here: its field has the focus from the beginning, and the way out comes last. */
  writes?: boolean;
}

/**
 * A question or a list over the page: from below on a phone, a dialog where there is room. Escape closes it.
 *
 * The first part that can have the focus gets it, here and whenever it would leave: what lies behind must not be such a part.
 */
export function Sheet({ title, open, onClose, children, footer, writes = false }: SheetProps) {
  const { color } = useTheme();
  const wide = useWide();
  const motion = useMotion();
  const close = (
    <View style={{ position: 'absolute', top: space.lg, right: space.lg }}>
      <IconButton icon="close" label="Close" onPress={onClose} />
    </View>
  );
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
        <View
          aria-hidden
          style={{ position: 'absolute', top: 0, bottom: 0, left: 0, right: 0, backgroundColor: color.veil }}
          {...onTap(onClose)}
        />
        <View style={{ ...corners, maxHeight: '88%', backgroundColor: color.paper }}>
          <Box style={{ padding: space.lg, paddingLeft: space.xl, paddingRight: TARGET + space.xxl, minHeight: TARGET + 2 * space.lg }} justify="center">
            <Text display level={2} size="title">
              {title}
            </Text>
          </Box>
          {!writes && close}
          <ScrollView contentContainerStyle={{ paddingHorizontal: space.xl, paddingBottom: space.xl, gap: space.lg }}>
            {children}
          </ScrollView>
          {footer && <Box padX="xl" padY="lg">{footer}</Box>}
          {writes && close}
        </View>
      </View>
    </Modal>
  );
}
