import { initPaymentSheet, initStripe, presentPaymentSheet, PaymentSheetError } from '@stripe/stripe-react-native';
import { useCallback, useEffect, useState } from 'react';

import { UNREACHABLE, type PaymentForm, type PaymentOutcome, type PaymentSetup } from './types';

const SANDBOX =
  'The phone app pays through Stripe itself, which a sandbox can’t stand in for. Order in the browser to try the sandbox.';

/** Stripe's PaymentSheet: cards, Apple Pay and Google Pay on the phone. */
export function usePaymentForm(setup: PaymentSetup): PaymentForm {
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);

  useEffect(() => {
    let current = true;
    prepare(setup)
      .then((message) => {
        if (!current) return;
        setProblem(message);
        setReady(message === null);
      })
      .catch(() => current && setProblem(UNREACHABLE));
    return () => {
      current = false;
    };
    // A sheet belongs to one intent; the rest of the setup does not change while it stands.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [setup.clientSecret, round]);

  const reload = useCallback(() => setRound((count) => count + 1), []);
  return { view: null, wallets: null, ready, problem, confirm: present, refresh: nothing, reload };
}

/** The sheet asks Stripe anew each time it comes up. */
function nothing(): Promise<void> {
  return Promise.resolve();
}

/** Null when the sheet can come up, else why it can't. */
async function prepare(setup: PaymentSetup): Promise<string | null> {
  if (setup.mode === 'sandbox') return SANDBOX;
  await initStripe({ publishableKey: setup.stripe.publishable_key, urlScheme: 'codepop' });
  // Without its person's cards the sheet still takes a new one.
  const sheet = await setup.openSheet?.().catch(() => null);
  const { error } = await initPaymentSheet({
    merchantDisplayName: setup.stripe.statement_text,
    ...(setup.purpose === 'pay'
      ? { paymentIntentClientSecret: setup.clientSecret }
      : { setupIntentClientSecret: setup.clientSecret }),
    ...(sheet ? { customerId: sheet.customer_id, customerSessionClientSecret: sheet.session_secret } : {}),
    returnURL: setup.returnUrl,
    applePay: { merchantCountryCode: 'US' },
    googlePay: { merchantCountryCode: 'US' },
    style: setup.look.dark ? 'alwaysDark' : 'alwaysLight',
  });
  return error ? UNREACHABLE : null;
}

async function present(): Promise<PaymentOutcome> {
  const { error } = await presentPaymentSheet();
  if (!error) return { kind: 'confirmed' };
  if (error.code === PaymentSheetError.Canceled) return { kind: 'incomplete' };
  if (error.code === PaymentSheetError.Timeout) return { kind: 'unavailable', message: UNREACHABLE };
  return { kind: 'declined', message: error.localizedMessage ?? error.message };
}
