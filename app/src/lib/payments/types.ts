import type { ReactNode } from 'react';

import type { AppConfig } from '@/api/types';

/** How an attempt to pay ended on this device. Whether money moved is for the server to say, see `refreshPayment`. */
export type PaymentOutcome =
  | { kind: 'confirmed' }
  | { kind: 'declined'; message: string }
  /** The person closed the sheet or has fields to complete; nothing was sent. */
  | { kind: 'incomplete' }
  | { kind: 'unavailable'; message: string };

/** Colours that the provider's own fields take over. */
export interface PaymentLook {
  dark: boolean;
  ink: string;
  muted: string;
  surface: string;
  line: string;
  accent: string;
  bad: string;
}

export interface PaymentSetup {
  stripe: AppConfig['stripe'];
  mode: AppConfig['mode'];
  clientSecret: string;
  /** Where a bank's page sends the person back to. */
  returnUrl: string;
  look: PaymentLook;
}

/** A card form of the provider. Card data go from its fields to the provider and never through our code. */
export interface PaymentForm {
  /** The fields, where the platform shows them in the page; null where a sheet comes up instead. */
  view: ReactNode;
  ready: boolean;
  /** The form can't be shown; the words say why. */
  problem: string | null;
  confirm: () => Promise<PaymentOutcome>;
  /** Tries to load the form again after a problem. */
  reload: () => void;
}

export type UsePaymentForm = (setup: PaymentSetup) => PaymentForm;

export const UNREACHABLE =
  'The card form can’t be loaded right now. You haven’t been charged and your order is kept. Try again in a moment.';
