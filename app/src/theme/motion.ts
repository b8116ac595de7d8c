import { useEffect, useState } from 'react';
import { AccessibilityInfo } from 'react-native';

/** Whether motion is welcome: false until the system said so, and whenever "reduce motion" is on. */
export function useMotion(): boolean {
  const [welcome, setWelcome] = useState(false);
  useEffect(() => {
    let current = true;
    void AccessibilityInfo.isReduceMotionEnabled().then((reduced) => {
      if (current) setWelcome(!reduced);
    });
    const listener = AccessibilityInfo.addEventListener('reduceMotionChanged', (reduced) => setWelcome(!reduced));
    return () => {
      current = false;
      listener.remove();
    };
  }, []);
  return welcome;
}
