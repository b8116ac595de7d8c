import type { Appearance, Stripe, StripeElements, StripeError } from '@stripe/stripe-js';
import { useCallback, useEffect, useRef, useState } from 'react';

import { stripeFor } from './load-stripe';
import { NO_ANSWER, UNREACHABLE, type PaymentForm, type PaymentLook, type PaymentOutcome, type PaymentSetup } from './types';

interface Mounted {
  stripe: Stripe;
  elements: StripeElements;
}

/** Stripe's Payment Element in the page, or the sandbox's of the same shape. */
export function usePaymentForm(setup: PaymentSetup): PaymentForm {
  const host = useRef<HTMLDivElement>(null);
  const walletHost = useRef<HTMLDivElement>(null);
  const mounted = useRef<Mounted | null>(null);
  const onWallet = useRef(setup.onWallet);
  const [offered, setOffered] = useState(false);
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const { stripe, clientSecret, look, returnUrl, purpose } = setup;

  useEffect(() => {
    onWallet.current = setup.onWallet;
  });

  useEffect(() => {
    let current = true;
    let unmount = (): void => undefined;
    const failed = (): void => {
      if (current) setProblem(UNREACHABLE);
    };
    stripeFor(stripe)
      .then((loaded) => {
        if (!current || !host.current) return;
        const elements = loaded.elements({ clientSecret, appearance: appearanceOf(look) });
        const element = elements.create('payment', { layout: 'tabs' });
        element.on('ready', () => current && setReady(true));
        element.on('loaderror', failed);
        element.mount(host.current);
        mounted.current = { stripe: loaded, elements };
        const wallets = purpose === 'pay' && walletHost.current ? elements.create('expressCheckout') : null;
        wallets?.on('ready', ({ availablePaymentMethods: found }) => current && setOffered(found !== undefined));
        wallets?.on('confirm', () => onWallet.current?.());
        if (walletHost.current) wallets?.mount(walletHost.current);
        unmount = () => {
          element.destroy();
          wallets?.destroy();
        };
      })
      .catch(failed);
    return () => {
      current = false;
      mounted.current = null;
      setReady(false);
      setOffered(false);
      unmount();
    };
    // The look is taken once per form: fields must not be emptied because the system turned dark.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stripe.publishable_key, stripe.script_url, clientSecret, round]);

  const confirm = useCallback(
    (saved?: string) => confirmWith(mounted.current, { clientSecret, returnUrl, purpose, saved }),
    [clientSecret, returnUrl, purpose],
  );
  const refresh = useCallback(async () => {
    await mounted.current?.elements.fetchUpdates();
  }, []);
  const reload = useCallback(() => {
    setProblem(null);
    setRound((count) => count + 1);
  }, []);
  const wallets = purpose === 'pay' ? <div ref={walletHost} style={offered ? undefined : { height: 0, overflow: 'hidden' }} /> : null;
  return { view: <div ref={host} style={{ minHeight: 180 }} />, wallets, ready, problem, confirm, refresh, reload };
}

interface Confirmation {
  clientSecret: string;
  returnUrl: string;
  purpose: PaymentSetup['purpose'];
  saved: string | undefined;
}

async function confirmWith(form: Mounted | null, wish: Confirmation): Promise<PaymentOutcome> {
  if (!form) return { kind: 'unavailable', message: UNREACHABLE };
  const { elements, stripe } = form;
  const redirect = 'if_required' as const;
  const confirmParams = { return_url: wish.returnUrl };
  if (wish.saved !== undefined) {
    const paid = await stripe.confirmPayment({
      clientSecret: wish.clientSecret, confirmParams: { ...confirmParams, payment_method: wish.saved }, redirect,
    });
    return paid.error ? outcomeOf(paid.error) : { kind: 'confirmed' };
  }
  const submitted = await elements.submit();
  if (submitted.error) return outcomeOf(submitted.error);
  const { error } =
    wish.purpose === 'save'
      ? await stripe.confirmSetup({ elements, confirmParams, redirect })
      : await stripe.confirmPayment({ elements, confirmParams, redirect });
  return error ? outcomeOf(error) : { kind: 'confirmed' };
}

/** Field mistakes are shown by the fields themselves; only the provider's refusals need our words around them. */
function outcomeOf(error: StripeError): PaymentOutcome {
  if (error.type === 'validation_error') return { kind: 'incomplete' };
  const status = error.payment_intent?.status ?? error.setup_intent?.status;
  if (error.setup_intent?.status === 'canceled') return { kind: 'closed' };
  if (status === 'succeeded' || status === 'processing') return { kind: 'confirmed' };
  if (error.type === 'card_error' || error.code?.endsWith('_authentication_failure')) {
    return { kind: 'declined', message: error.message ?? 'The card was declined. Try another card.' };
  }
  const broken = error.type === 'api_error' || error.type === 'api_connection_error';
  return { kind: 'unavailable', message: broken ? NO_ANSWER : (error.message ?? NO_ANSWER) };
}

function appearanceOf(look: PaymentLook): Appearance {
  return {
    theme: look.dark ? 'night' : 'stripe',
    variables: {
      colorPrimary: look.accent,
      colorText: look.ink,
      colorTextSecondary: look.muted,
      colorTextPlaceholder: look.muted,
      colorBackground: look.surface,
      colorDanger: look.bad,
      borderRadius: '16px',
      spacingUnit: '4px',
      fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
      fontSizeBase: '16px',
    },
    rules: { '.Input': { border: `1px solid ${look.line}`, boxShadow: 'none', padding: '14px 16px' } },
  };
}
