import { TARGET } from '@/theme';

import { Press } from './press';
import { Text } from './text';

export interface LinkProps {
  title: string;
  /** Where it leads, as an address of the web. */
  href: string;
  onPress: () => void;
}

/** A quiet way to another screen, in a line of its own. */
export function Link({ title, href, onPress }: LinkProps) {
  return (
    <Press
      href={href}
      onPress={onPress}
      style={() => ({ alignSelf: 'flex-start', justifyContent: 'center', minHeight: TARGET, borderRadius: 8 })}
    >
      <Text bold size="small" style={{ textDecorationLine: 'underline' }}>
        {title}
      </Text>
    </Press>
  );
}
