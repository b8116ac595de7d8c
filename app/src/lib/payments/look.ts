import type { PaymentLook } from './types';

interface Colors {
  ink: string;
  ink2: string;
  surface: string;
  line: string;
  pop: string;
  bad: string;
}

/** The app's palette in the provider's words. */
export function lookOf(dark: boolean, color: Colors): PaymentLook {
  return {
    dark, ink: color.ink, muted: color.ink2, surface: color.surface, line: color.line, accent: color.pop, bad: color.bad,
  };
}
