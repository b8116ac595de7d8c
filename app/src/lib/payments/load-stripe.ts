import type { Stripe } from '@stripe/stripe-js';
import { loadStripe } from '@stripe/stripe-js/pure';

import type { AppConfig } from '@/api/types';

let loading: Promise<Stripe> | null = null;

/**
 * Stripe.js, once a page. In the sandbox the script of the same shape is loaded first under the same name; loadStripe
 * takes what it finds there and asks nothing of the network.
 */
export function stripeFor(stripe: AppConfig['stripe']): Promise<Stripe> {
  loading ??= load(stripe).catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load(stripe: AppConfig['stripe']): Promise<Stripe> {
  if (stripe.script_url !== null) await loadScript(stripe.script_url);
  const loaded = await loadStripe(stripe.publishable_key);
  if (!loaded) throw new Error('Stripe.js needs a browser');
  return loaded;
}

function loadScript(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error(`the card form's script at ${address} did not load`));
    };
    document.head.appendChild(script);
  });
}
