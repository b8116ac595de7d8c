/* The sandbox's Stripe.js: the parts of window.Stripe that a shop with cards uses, in the shape of Stripe's own script.
 *
 * Load it with a script tag before @stripe/stripe-js: loadStripe() takes the window.Stripe it finds and asks nothing of the network.
 * The page's Content-Security-Policy needs the sandbox's origin in script-src, connect-src and frame-src.
 * The card form lives in a frame of the sandbox's origin: the page that embeds it never sees a card number.
 */
(() => {
  'use strict';

  const ORIGIN = new URL(document.currentScript.src).origin;
  const VERSION = 'dahlia';
  const API_VERSION = '2026-10-28.endive';
  const DONE = ['succeeded', 'processing', 'requires_capture'];
  const OFFLINE = {
    type: 'api_connection_error',
    message: 'We could not reach the payment provider. Check your internet connection and try again.',
  };

  const usageError = (message) => new Error(`IntegrationError: ${message}`);

  async function request(key, method, path, params = {}) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== null) form.append(name, value);
    const url = `${ORIGIN}/v1/${path}${method === 'GET' ? `?${form}` : ''}`;
    const headers = { Authorization: `Bearer ${key}`, 'Stripe-Version': API_VERSION };
    try {
      const reply = await fetch(url, { method, headers, body: method === 'GET' ? undefined : form });
      const body = await reply.json();
      return body.error ? { error: body.error } : { value: body };
    } catch {
      return { error: OFFLINE };
    }
  }

  const intentId = (secret) => String(secret).split('_secret_')[0];
  const isSetup = (secret) => String(secret).startsWith('seti_');
  const nameOf = (secret) => (isSetup(secret) ? 'setupIntent' : 'paymentIntent');
  const folderOf = (secret) => (isSetup(secret) ? 'setup_intents' : 'payment_intents');

  function checkSecret(secret) {
    if (!/^(pi|seti)_\w+_secret_\w+$/.test(String(secret))) throw usageError('clientSecret must look like pi_..._secret_... or seti_..._secret_...');
  }

  /* ---------------------------------------------------------------- frames */

  let frameCount = 0;

  /** A frame of the sandbox and the conversation with it. Messages count only from this frame and the sandbox's origin. */
  class Frame {
    constructor(path, title, receive) {
      this.ready = new Promise((resolve) => (this.resolveReady = resolve));
      this.waiting = new Map();
      this.receive = receive;
      this.node = document.createElement('iframe');
      this.node.title = title;
      this.node.name = `__privateStripeFrame${(frameCount += 1)}`;
      this.node.setAttribute('allow', 'payment *');
      Object.assign(this.node.style, { border: '0', width: '100%', display: 'block', colorScheme: 'normal', background: 'transparent' });
      const url = new URL(path, ORIGIN);
      url.searchParams.set('origin', window.location.origin);
      this.node.src = url.href;
      this.listener = (event) => this.onMessage(event);
      window.addEventListener('message', this.listener);
    }

    onMessage(event) {
      if (event.origin !== ORIGIN || event.source !== this.node.contentWindow) return;
      const message = event.data;
      if (!message || message.from !== 'codepop-sandbox') return;
      if (message.reply) {
        const resolve = this.waiting.get(message.reply);
        this.waiting.delete(message.reply);
        if (resolve) resolve(message.data);
      } else {
        this.receive(message.type, message.data || {});
      }
    }

    post(type, data = {}, call = null) {
      if (this.node.contentWindow) this.node.contentWindow.postMessage({ to: 'codepop-sandbox', type, data, call }, ORIGIN);
    }

    /** Ask the frame and wait for its answer. */
    async ask(type, data = {}) {
      await this.ready;
      return new Promise((resolve) => {
        const call = `${type}-${Math.random().toString(36).slice(2)}`;
        this.waiting.set(call, resolve);
        this.post(type, data, call);
      });
    }

    close() {
      window.removeEventListener('message', this.listener);
      this.node.remove();
      for (const resolve of this.waiting.values()) resolve({ error: { type: 'validation_error', message: 'The form was removed.' } });
    }
  }

  /* -------------------------------------------------------------- elements */

  const FORMS = ['payment', 'card'];
  const WALLETS = { apple_pay: 'applePay', google_pay: 'googlePay' };
  const CLICK_MS = 1000;

  class Element {
    constructor(type, options, elements) {
      this._type = type;
      this._options = options || {};
      this._elements = elements;
      this._handlers = new Map();
      this._frame = null;
      this._wallet = null;
      this.lastChange = { complete: false, empty: true };
    }

    on(event, handler) {
      if (!this._handlers.has(event)) this._handlers.set(event, []);
      this._handlers.get(event).push(handler);
      return this;
    }

    once(event, handler) {
      const once = (data) => {
        this.off(event, once);
        handler(data);
      };
      return this.on(event, once);
    }

    off(event, handler) {
      const kept = handler ? (this._handlers.get(event) || []).filter((one) => one !== handler) : [];
      this._handlers.set(event, kept);
      return this;
    }

    emit(event, data = {}) {
      for (const handler of [...(this._handlers.get(event) || [])]) handler({ elementType: this._type, ...data });
    }

    mount(target) {
      const node = typeof target === 'string' ? document.querySelector(target) : target;
      if (!node) throw usageError('The selector or node given to mount() was not found in the page.');
      if (this._frame) this.unmount();
      if (!FORMS.includes(this._type) && this._type !== 'expressCheckout') {
        window.setTimeout(() => this.emit('ready', { availablePaymentMethods: undefined }));
        return;
      }
      this._frame = FORMS.includes(this._type)
        ? new Frame('/stripe/card', 'Secure card payment input frame', (type, data) => this.hear(type, data))
        : new Frame('/stripe/wallets', 'Secure express checkout frame', (type, data) => this.hearWallet(type, data));
      this._frame.node.style.height = FORMS.includes(this._type) ? '320px' : '112px';
      node.replaceChildren(this._frame.node);
      this._frame.node.addEventListener('error', () => this.emit('loaderror', { error: OFFLINE }));
      this._loadTimer = window.setTimeout(() => this.emit('loaderror', { error: OFFLINE }), 15000);
    }

    hear(type, data) {
      if (type === 'loaded') {
        this._frame.post('init', { key: this._elements._key, type: this._type, options: this.frameOptions() });
      } else if (type === 'ready') {
        window.clearTimeout(this._loadTimer);
        this._frame.resolveReady();
        this.emit('ready');
      } else if (type === 'height') {
        this._frame.node.style.height = `${data.height}px`;
      } else if (type === 'change') {
        this.lastChange = data;
        const value = this._type === 'payment' ? { value: { type: 'card' }, collapsed: false } : { brand: data.brand, error: data.error, value: {} };
        this.emit('change', { complete: data.complete, empty: data.empty, ...value });
      } else {
        this.emit(type, data);
      }
    }

    /** The wallets that the page wants and that the sandbox has: [type, name] pairs. */
    wallets() {
      const wanted = this._options.paymentMethods || {};
      return Object.entries(WALLETS).filter(([, name]) => wanted[name] !== 'never');
    }

    hearWallet(type, data) {
      if (type === 'loaded') {
        this._frame.post('init', { ...this.frameOptions(), wallets: this.wallets().map(([wallet]) => wallet) });
      } else if (type === 'ready') {
        window.clearTimeout(this._loadTimer);
        this._frame.resolveReady();
        const offered = this.wallets().map(([, name]) => [name, true]);
        this.emit('ready', { availablePaymentMethods: offered.length ? Object.fromEntries(offered) : undefined });
      } else if (type === 'height') {
        this._frame.node.style.height = `${data.height}px`;
      } else if (type === 'wallet') {
        this.openWallet(data.wallet);
      }
    }

    /** Ask the page, show the wallet's sheet, and tell the page what the payer did there. */
    async openWallet(wallet) {
      if (!(await this.allowed(wallet))) return;
      const due = await this._elements._due();
      const query = new URLSearchParams({ wallet, ...(due ? { due } : {}) });
      const answer = await dialog(`/stripe/wallet-sheet?${query}`, 'Wallet');
      if (answer.outcome !== 'complete') {
        this.emit('cancel');
        return;
      }
      this._wallet = { type: wallet, token: `tok_${wallet}_${answer.card}` };
      const billingDetails = { name: 'Wallet Tester', email: null, phone: null, address: { country: 'US', postal_code: '02128' } };
      this.emit('confirm', { expressPaymentType: wallet, billingDetails, paymentFailed: () => (this._wallet = null) });
    }

    /** Whether the page lets the sheet open: at once when nobody listens, else when it calls resolve() within a second. */
    allowed(wallet) {
      if (!(this._handlers.get('click') || []).length) return Promise.resolve(true);
      return new Promise((resolve) => {
        window.setTimeout(() => resolve(false), CLICK_MS);
        this.emit('click', { expressPaymentType: wallet, resolve: () => resolve(true), reject: () => resolve(false) });
      });
    }

    frameOptions() {
      return { appearance: this._elements._options.appearance || {}, hidePostalCode: Boolean(this._options.hidePostalCode), style: this._options.style };
    }

    update(options) {
      Object.assign(this._options, options);
      if (this._frame) this._frame.post('update', this.frameOptions());
    }

    focus() {
      if (this._frame) this._frame.post('focus');
    }

    blur() {
      if (this._frame) this._frame.post('blur');
    }

    clear() {
      if (this._frame) this._frame.post('clear');
    }

    collapse() {}

    unmount() {
      window.clearTimeout(this._loadTimer);
      if (this._frame) this._frame.close();
      this._frame = null;
    }

    destroy() {
      this.unmount();
      this._elements._created.delete(this._type);
      this._handlers.clear();
    }

    ask(type, data) {
      if (!this._frame) throw usageError('We could not retrieve data from the specified Element. Make sure it is mounted.');
      return this._frame.ask(type, data);
    }
  }

  class Elements {
    constructor(key, options) {
      this._key = key;
      this._options = options || {};
      this._created = new Map();
      if (this._options.clientSecret) checkSecret(this._options.clientSecret);
    }

    create(type, options) {
      const known = [...FORMS, 'expressCheckout', 'paymentRequestButton'];
      if (!known.includes(type)) throw usageError(`The sandbox has these elements: ${known.join(', ')}; not ${type}.`);
      if (this._created.has(type)) throw usageError(`Can only create one Element of type ${type}.`);
      const element = new Element(type, options, this);
      this._created.set(type, element);
      return element;
    }

    getElement(type) {
      return this._created.get(typeof type === 'string' ? type : 'card') || null;
    }

    update(options) {
      Object.assign(this._options, options);
      for (const element of this._created.values()) element.update({});
    }

    async fetchUpdates() {
      return {};
    }

    /** What the payer is about to pay, as the wallet's sheet shows it; empty when only a secret is known and not told. */
    async _due() {
      let { amount, currency } = this._options;
      if (!amount && this._options.clientSecret && !isSetup(this._options.clientSecret)) {
        const secret = this._options.clientSecret;
        const found = await request(this._key, 'GET', `payment_intents/${intentId(secret)}`, { client_secret: secret });
        if (found.value) ({ amount, currency } = found.value);
      }
      return amount ? `${(amount / 100).toFixed(2)} ${currency.toUpperCase()}` : '';
    }

    /** What the payer chose in a wallet, once. */
    _takeWallet() {
      const element = this._created.get('expressCheckout');
      const wallet = element ? element._wallet : null;
      if (element) element._wallet = null;
      return wallet;
    }

    /** Check the fields and show what is missing. */
    async submit() {
      const express = this._created.get('expressCheckout');
      if (express && express._wallet) return { selectedPaymentMethod: express._wallet.type };
      const checked = await this._form().ask('validate');
      return checked.error ? { error: checked.error } : { selectedPaymentMethod: 'card' };
    }

    _form() {
      const element = FORMS.map((type) => this._created.get(type)).find(Boolean);
      if (!element) throw usageError('Create and mount a payment or card Element first.');
      return element;
    }
  }

  /* ------------------------------------------- dialogs: 3-D Secure, wallets */

  const challenge = (url) => dialog(`${new URL(url).pathname}?embedded=1`, 'Card authentication');

  /** Show a page of the sandbox in a dialog; resolves when the payer has answered, or gave up with Escape. */
  function dialog(path, title) {
    return new Promise((resolve) => {
      const before = document.activeElement;
      const overlay = document.createElement('div');
      overlay.setAttribute('role', 'dialog');
      overlay.setAttribute('aria-modal', 'true');
      overlay.setAttribute('aria-label', title);
      Object.assign(overlay.style, {
        position: 'fixed', inset: '0', zIndex: '2147483647', display: 'grid', placeItems: 'center', padding: '16px', background: 'rgba(21, 14, 36, 0.6)',
      });
      const silenced = [...document.body.children].filter((node) => !node.inert);
      const close = (outcome) => {
        document.removeEventListener('keydown', onKey, true);
        frame.close();
        overlay.remove();
        for (const node of silenced) node.inert = false;
        if (before && before.focus) before.focus();
        resolve(outcome);
      };
      const frame = new Frame(path, title, (type, data) => {
        if (type === 'loaded') {
          frame.node.focus();
          frame.post('focus');
        }
        if (type === 'height') frame.node.style.height = `${Math.min(data.height, window.innerHeight - 32)}px`;
        if (type === 'answered') close(data);
      });
      const onKey = (event) => {
        if (event.key === 'Escape') frame.post('give_up');
      };
      const guard = () => {
        const node = document.createElement('div');
        node.tabIndex = 0;
        node.setAttribute('aria-hidden', 'true');
        node.addEventListener('focus', () => frame.post('focus'));
        return node;
      };
      Object.assign(frame.node.style, { maxWidth: '420px', height: '440px', borderRadius: '16px', background: 'transparent' });
      const holder = document.createElement('div');
      Object.assign(holder.style, { width: '100%', maxWidth: '420px' });
      holder.append(guard(), frame.node, guard());
      overlay.append(holder);
      document.body.append(overlay);
      for (const node of silenced) node.inert = true;
      document.addEventListener('keydown', onKey, true);
    });
  }

  /* ---------------------------------------------------------------- Stripe */

  function billingOf(details) {
    const flat = {};
    for (const [name, value] of Object.entries(details || {})) {
      if (value && typeof value === 'object') for (const [part, inner] of Object.entries(value)) flat[`[${name}][${part}]`] = inner;
      else flat[`[${name}]`] = value;
    }
    return flat;
  }

  class StripeClient {
    constructor(key, options) {
      this._key = key;
      this._options = options || {};
    }

    _registerWrapper() {}

    elements(options) {
      return new Elements(this._key, options);
    }

    async _retrieve(secret) {
      checkSecret(secret);
      const { value, error } = await request(this._key, 'GET', `${folderOf(secret)}/${intentId(secret)}`, { client_secret: secret });
      return error ? { error } : { [nameOf(secret)]: value };
    }

    retrievePaymentIntent(secret) {
      return this._retrieve(secret);
    }

    retrieveSetupIntent(secret) {
      return this._retrieve(secret);
    }

    /** Confirm with the form's card, or with a payment method that exists; then do what the bank asks. */
    async _confirm(secret, { element, methodId, wallet, billing, params, redirect }) {
      checkSecret(secret);
      const path = `${folderOf(secret)}/${intentId(secret)}/confirm`;
      const form = { client_secret: secret, use_stripe_sdk: 'true', return_url: params.return_url };
      if (params.receipt_email) form.receipt_email = params.receipt_email;
      if (params.setup_future_usage) form.setup_future_usage = params.setup_future_usage;
      if (methodId) form.payment_method = methodId;
      if (wallet) Object.assign(form, { 'payment_method_data[type]': 'card', 'payment_method_data[card][token]': wallet.token });
      const result = element
        ? await element.ask('confirm', { path, form, billing: billingOf(billing) })
        : await request(this._key, 'POST', path, form);
      if (result.error) return { error: result.error };
      return this._finish(secret, result.value, params.return_url, redirect);
    }

    async _finish(secret, intent, returnUrl, redirect) {
      let current = intent;
      if (current.status === 'requires_action') {
        const action = current.next_action;
        if (action.type === 'redirect_to_url') {
          window.location.assign(action.redirect_to_url.url);
          return new Promise(() => {});
        }
        await challenge(action.use_stripe_sdk.stripe_js);
        const again = await this._retrieve(secret);
        if (again.error) return again;
        current = again[nameOf(secret)];
      }
      const failure = current.last_payment_error || current.last_setup_error;
      if (!DONE.includes(current.status) && failure) {
        return { error: { ...failure, [isSetup(secret) ? 'setup_intent' : 'payment_intent']: current } };
      }
      if (redirect === 'always' && returnUrl) {
        const url = new URL(returnUrl);
        const name = isSetup(secret) ? 'setup_intent' : 'payment_intent';
        url.searchParams.set(name, current.id);
        url.searchParams.set(`${name}_client_secret`, secret);
        url.searchParams.set('redirect_status', current.status === 'processing' ? 'pending' : 'succeeded');
        window.location.assign(url.href);
        return new Promise(() => {});
      }
      return { [nameOf(secret)]: current };
    }

    async _confirmElements({ elements, clientSecret, confirmParams = {}, redirect = 'always' }) {
      const secret = clientSecret || (elements && elements._options.clientSecret);
      if (!secret) throw usageError('Pass clientSecret, or elements that were created with one.');
      if (redirect === 'always' && !confirmParams.return_url) throw usageError("confirmParams.return_url is required, or pass redirect: 'if_required'.");
      const billing = (confirmParams.payment_method_data || {}).billing_details;
      const methodId = confirmParams.payment_method;
      const wallet = elements && !methodId ? elements._takeWallet() : null;
      const element = elements && !methodId && !wallet ? elements._form() : null;
      return this._confirm(secret, { element, methodId, wallet, billing, params: { return_url: window.location.href, ...confirmParams }, redirect });
    }

    confirmPayment(options) {
      return this._confirmElements(options);
    }

    confirmSetup(options) {
      return this._confirmElements(options);
    }

    async _confirmCard(secret, data = {}, options = {}) {
      const method = data.payment_method;
      const element = method && method.card instanceof Element ? method.card : null;
      const methodId = typeof method === 'string' ? method : undefined;
      const params = { return_url: data.return_url || window.location.href, receipt_email: data.receipt_email, setup_future_usage: data.setup_future_usage };
      if (options.handleActions === false) {
        const form = { path: `${folderOf(secret)}/${intentId(secret)}/confirm`, form: { client_secret: secret, use_stripe_sdk: 'true', payment_method: methodId } };
        const result = element ? await element.ask('confirm', { ...form, billing: {} }) : await request(this._key, 'POST', form.path, form.form);
        return result.error ? { error: result.error } : { [nameOf(secret)]: result.value };
      }
      return this._confirm(secret, { element, methodId, billing: method && method.billing_details, params, redirect: 'if_required' });
    }

    confirmCardPayment(secret, data, options) {
      return this._confirmCard(secret, data, options);
    }

    confirmCardSetup(secret, data, options) {
      return this._confirmCard(secret, data, options);
    }

    async handleNextAction({ clientSecret }) {
      const found = await this._retrieve(clientSecret);
      if (found.error) return found;
      const intent = found[nameOf(clientSecret)];
      return intent.status === 'requires_action' ? this._finish(clientSecret, intent, null, 'if_required') : found;
    }

    handleCardAction(clientSecret) {
      return this.handleNextAction({ clientSecret });
    }

    async createPaymentMethod(options) {
      const source = options.elements ? options.elements._form() : options.card;
      if (!(source instanceof Element)) throw usageError('Pass { elements } or { type: "card", card: element }.');
      const details = (options.params && options.params.billing_details) || options.billing_details;
      const result = await source.ask('method', { billing: billingOf(details) });
      return result.error ? { error: result.error } : { paymentMethod: result.value };
    }

    /** The older interface for wallets isn't built: its answer is that there are none. Use the expressCheckout element. */
    paymentRequest() {
      return {
        canMakePayment: async () => null,
        on() { return this; },
        once() { return this; },
        off() { return this; },
        update() {},
        abort() {},
        isShowing: () => false,
        show() { throw usageError('canMakePayment() answered null. The sandbox offers wallets by the expressCheckout element.'); },
      };
    }
  }

  function Stripe(key, options) {
    if (typeof key !== 'string' || !/^pk_/.test(key)) throw usageError('Please call Stripe() with your publishable key.');
    return new StripeClient(key, options);
  }

  Stripe.version = VERSION;
  window.Stripe = Stripe;
})();
