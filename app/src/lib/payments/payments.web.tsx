import type { Appearance, Stripe, StripeElements, StripeError } from '@stripe/stripe-js';
import { useCallback, useEffect, useRef, useState } from 'react';

import { stripeFor } from './load-stripe';
import { UNREACHABLE, type PaymentForm, type PaymentLook, type PaymentOutcome, type PaymentSetup } from './types';

interface Mounted {
  stripe: Stripe;
  elements: StripeElements;
}

/** Stripe's Payment Element in the page, or the sandbox's of the same shape. */
export function usePaymentForm(setup: PaymentSetup): PaymentForm {
  const host = useRef<HTMLDivElement>(null);
  const mounted = useRef<Mounted | null>(null);
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const { stripe, clientSecret, look, returnUrl } = setup;

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
        unmount = () => element.destroy();
      })
      .catch(failed);
    return () => {
      current = false;
      mounted.current = null;
      setReady(false);
      unmount();
    };
    // The look is taken once per form: fields must not be emptied because the system turned dark.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stripe.publishable_key, stripe.script_url, clientSecret, round]);

  const confirm = useCallback(() => confirmWith(mounted.current, returnUrl), [returnUrl]);
  const reload = useCallback(() => {
    setProblem(null);
    setRound((count) => count + 1);
  }, []);
  return { view: <div ref={host} style={{ minHeight: 180 }} />, ready, problem, confirm, reload };
}

async function confirmWith(form: Mounted | null, returnUrl: string): Promise<PaymentOutcome> {
  if (!form) return { kind: 'unavailable', message: UNREACHABLE };
  const submitted = await form.elements.submit();
  if (submitted.error) return outcomeOf(submitted.error);
  const { error } = await form.stripe.confirmPayment({
    elements: form.elements,
    confirmParams: { return_url: returnUrl },
    redirect: 'if_required',
  });
  return error ? outcomeOf(error) : { kind: 'confirmed' };
}

/** Field mistakes are shown by the fields themselves; only the provider's refusals need our words around them. */
function outcomeOf(error: StripeError): PaymentOutcome {
  if (error.type === 'validation_error') return { kind: 'incomplete' };
  const code = error.payment_intent?.status;
  if (code === 'succeeded' || code === 'processing') return { kind: 'confirmed' };
  if (error.type === 'card_error' || error.code === 'payment_intent_authentication_failure') {
    return { kind: 'declined', message: error.message ?? 'The card was declined. Try another card.' };
  }
  return { kind: 'unavailable', message: error.message ?? UNREACHABLE };
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
