import { useState, type ReactNode } from 'react';
import { ScrollView, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import Svg, { LinearGradient, Rect, Stop } from 'react-native-svg';

import { Defs } from '@/components/svg';
import { COLUMN, space, useTheme } from '@/theme';

import { Box } from './layout';
import { onWeb } from './web';

export interface ScreenProps {
  children: ReactNode;
  /** First row: back, where one is, one small action. */
  header?: ReactNode;
  /** The one primary action, always in reach. */
  footer?: ReactNode;
  /** Widest the content becomes. */
  width?: number;
  /** Content that goes to the edges itself. */
  flush?: boolean;
}

/** Lets what scrolls fade under the action instead of being cut. */
function Fade({ color }: { color: string }) {
  return (
    <Svg aria-hidden height={24} preserveAspectRatio="none" viewBox="0 0 1 24" width="100%">
      <Defs>
        <LinearGradient id="footer-fade" x1="0" x2="0" y1="0" y2="1">
          <Stop offset="0" stopColor={color} stopOpacity={0} />
          <Stop offset="1" stopColor={color} stopOpacity={1} />
        </LinearGradient>
      </Defs>
      <Rect fill="url(#footer-fade)" height={24} width={1} />
    </Svg>
  );
}

function Footer({ children, width, onHeight }: { children: ReactNode; width: number; onHeight: (n: number) => void }) {
  const { color } = useTheme();
  const insets = useSafeAreaInsets();
  return (
    <View
      onLayout={(event) => onHeight(event.nativeEvent.layout.height)}
      pointerEvents="box-none"
      style={{ position: 'absolute', bottom: 0, left: 0, right: 0 }}
    >
      <View pointerEvents="none">
        <Fade color={color.paper} />
      </View>
      <View style={{ backgroundColor: color.paper, alignItems: 'center', paddingBottom: space.lg + insets.bottom }}>
        <View style={{ width: '100%', maxWidth: width, paddingHorizontal: space.xl }}>{children}</View>
      </View>
    </View>
  );
}

/** What takes the focus is scrolled to above the action that lies over the page's end. */
function keepAbove(height: number): object {
  return onWeb({ scrollPaddingBottom: height + space.lg });
}

/** A page: header, what scrolls, and the one action that stays. */
export function Screen({ children, header, footer, width = COLUMN, flush = false }: ScreenProps) {
  const { color } = useTheme();
  const insets = useSafeAreaInsets();
  const [footerHeight, setFooterHeight] = useState(footer ? 104 : 0);
  const room = { paddingTop: flush ? 0 : insets.top + space.lg, paddingBottom: (footer ? footerHeight : insets.bottom) + space.xl };
  return (
    <View role="main" style={{ flex: 1, backgroundColor: color.paper }}>
      <ScrollView
        contentContainerStyle={{ ...room, alignItems: 'center', flexGrow: 1 }}
        keyboardShouldPersistTaps="handled"
        style={[{ flex: 1 }, keepAbove(footer ? footerHeight : 0)]}
      >
        <View
          style={{ width: '100%', maxWidth: width, paddingHorizontal: flush ? 0 : space.xl, gap: space.xl, flexGrow: 1 }}
        >
          {header && <Box gap="sm" justify="space-between" minHeight={44} row>{header}</Box>}
          {children}
        </View>
      </ScrollView>
      {footer && <Footer onHeight={setFooterHeight} width={Math.min(width, COLUMN)}>{footer}</Footer>}
    </View>
  );
}
