import bricolage from '@expo-google-fonts/bricolage-grotesque/800ExtraBold/BricolageGrotesque_800ExtraBold.ttf';
import { useFonts } from 'expo-font';

export const displayFamily = 'BricolageGrotesque';
export const textFamily: string | undefined = undefined;

/** True once the display face can be drawn, or has failed to load and the system's own takes its place. */
export function useBrandFont(): boolean {
  const [loaded, failed] = useFonts({ [displayFamily]: bricolage });
  return loaded || failed !== null;
}
