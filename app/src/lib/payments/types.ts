import type { ReactNode } from 'react';

import type { AppConfig, CardSheet } from '@/api/types';

/** How an attempt to pay ended on this device. Whether money moved is for the server to say, see `refreshPayment`. */
export type PaymentOutcome =
  | { kind: 'confirmed' }
  | { kind: 'declined'; message: string }
  /** The person closed the sheet or has fields to complete; nothing was sent. */
  | { kind: 'incomplete' }
  /** This form takes no more cards: too many were declined in it. Another can be opened. */
  | { kind: 'closed' }
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
  /** Charges an order, or only keeps a card for later. */
  purpose: 'pay' | 'save';
  /** Lets a phone's own sheet offer the person's saved cards; where cards stand in the page it isn't asked. */
  openSheet?: () => Promise<CardSheet>;
  /** The person agreed in a wallet's own sheet: confirm now. */
  onWallet?: () => void;
  /** Where a bank's page sends the person back to. */
  returnUrl: string;
  look: PaymentLook;
}

/** A card form of the provider. Card data go from its fields to the provider and never through our code. */
export interface PaymentForm {
  /** The fields, where the platform shows them in the page; null where a sheet comes up instead. */
  view: ReactNode;
  /** Buttons of wallets such as Apple Pay and Google Pay, where this browser has one; in a sheet they are built in. */
  wallets: ReactNode;
  ready: boolean;
  /** The form can't be shown; the words say why. */
  problem: string | null;
  /** Pays with what was typed, or with a saved card by its id. */
  confirm: (saved?: string) => Promise<PaymentOutcome>;
  /** Takes over what the server changed about the payment since the form was loaded. */
  refresh: () => Promise<void>;
  /** Tries to load the form again after a problem. */
  reload: () => void;
}

export type UsePaymentForm = (setup: PaymentSetup) => PaymentForm;

export const UNREACHABLE =
  'The card form can’t be loaded right now. You haven’t been charged and your order is kept. Try again in a moment.';

export const NO_ANSWER = 'The payment provider gave no answer. Try again in a moment.';
