/* The card form in its frame: formats and checks what is typed, talks to the sandbox's API, and tells the embedding page only outcomes. */
(() => {
  'use strict';

  const parentOrigin = new URLSearchParams(window.location.search).get('origin');
  const form = document.getElementById('form');
  const fields = Object.fromEntries(['number', 'expiry', 'cvc', 'postalCode'].map((id) => [id, document.getElementById(id)]));
  const OFFLINE = {
    type: 'api_connection_error',
    message: 'We could not reach the payment provider. Check your internet connection and try again.',
  };
  const VARIABLES = {
    colorPrimary: '--primary', colorText: '--text', colorTextSecondary: '--muted', colorTextPlaceholder: '--muted', colorBackground: '--background',
    colorDanger: '--danger', borderRadius: '--radius', spacingUnit: '--unit', fontFamily: '--font', fontSizeBase: '--size',
  };
  const RULES = { padding: '--padding', boxShadow: '--shadow' };
  let settings = { key: '', hidePostalCode: false };

  const send = (type, data) => window.parent.postMessage({ from: 'codepop-sandbox', type, data }, parentOrigin);
  const answer = (call, data) => window.parent.postMessage({ from: 'codepop-sandbox', reply: call, data }, parentOrigin);
  const digits = (text) => text.replace(/\D/g, '');

  function brandOf(number) {
    if (/^4/.test(number)) return 'Visa';
    if (/^(5[1-5]|2[2-7])/.test(number)) return 'Mastercard';
    if (/^3[47]/.test(number)) return 'American Express';
    if (/^(6011|65|64[4-9])/.test(number)) return 'Discover';
    if (/^3[068]/.test(number)) return 'Diners Club';
    if (/^35/.test(number)) return 'JCB';
    if (/^62/.test(number)) return 'UnionPay';
    return '';
  }

  const lengthOf = (brand) => ({ 'American Express': 15, 'Diners Club': 16 })[brand] || 16;
  const cvcLengthOf = (brand) => (brand === 'American Express' ? 4 : 3);

  function passesLuhn(number) {
    let total = 0;
    [...number].reverse().forEach((digit, place) => {
      const value = Number(digit) * (1 + (place % 2));
      total += value > 9 ? value - 9 : value;
    });
    return total % 10 === 0;
  }

  /* What is wrong with each field: [code, message] or null. Messages follow Stripe's own. */
  const checks = {
    number() {
      const number = digits(fields.number.value);
      if (number.length < lengthOf(brandOf(number))) return ['incomplete_number', 'Your card number is incomplete.'];
      return passesLuhn(number) ? null : ['invalid_number', 'Your card number is invalid.'];
    },
    expiry() {
      const value = digits(fields.expiry.value);
      if (value.length < 4) return ['incomplete_expiry', "Your card's expiration date is incomplete."];
      const month = Number(value.slice(0, 2));
      const year = 2000 + Number(value.slice(2, 4));
      if (month < 1 || month > 12) return ['invalid_expiry_month', "Your card's expiration month is invalid."];
      const now = new Date();
      if (year < now.getFullYear() || year > now.getFullYear() + 50) return ['invalid_expiry_year_past', "Your card's expiration year is in the past."];
      const past = year === now.getFullYear() && month < now.getMonth() + 1;
      return past ? ['invalid_expiry_month_past', "Your card's expiration date is in the past."] : null;
    },
    cvc() {
      const wanted = cvcLengthOf(brandOf(digits(fields.number.value)));
      return digits(fields.cvc.value).length < wanted ? ['incomplete_cvc', "Your card's security code is incomplete."] : null;
    },
    postalCode() {
      if (settings.hidePostalCode) return null;
      return fields.postalCode.value.trim().length < 5 ? ['incomplete_zip', 'Your postal code is incomplete.'] : null;
    },
  };

  function show(name, problem) {
    document.getElementById(`${name}-error`).textContent = problem ? problem[1] : '';
    fields[name].setAttribute('aria-invalid', problem ? 'true' : 'false');
    measure();
  }

  /* Check all fields; show every problem and return the first as Stripe's validation_error. */
  function validate() {
    let first = null;
    for (const name of Object.keys(checks)) {
      const problem = checks[name]();
      show(name, problem);
      if (problem && !first) {
        first = problem;
        fields[name].focus();
      }
    }
    return first ? { error: { type: 'validation_error', code: first[0], message: first[1] } } : {};
  }

  function announce() {
    const number = digits(fields.number.value);
    document.getElementById('brand').textContent = brandOf(number);
    const problems = Object.keys(checks).map((name) => checks[name]());
    const filled = Object.values(fields).filter((field) => field.value.trim() !== '');
    send('change', { complete: problems.every((problem) => problem === null), empty: filled.length === 0, brand: brandOf(number).toLowerCase() || 'unknown' });
  }

  function formatNumber() {
    const number = digits(fields.number.value).slice(0, 19);
    const brand = brandOf(number);
    const groups = brand === 'American Express' ? [4, 6, 5] : [4, 4, 4, 4, 3];
    const parts = [];
    let rest = number.slice(0, lengthOf(brand));
    for (const size of groups) {
      if (rest) parts.push(rest.slice(0, size));
      rest = rest.slice(size);
    }
    fields.number.value = parts.join(' ');
  }

  function formatExpiry(event) {
    let value = digits(fields.expiry.value).slice(0, 4);
    if (value.length === 1 && Number(value) > 1) value = `0${value}`;
    const deleting = event && event.inputType && event.inputType.startsWith('delete');
    fields.expiry.value = value.length > 2 || (value.length === 2 && !deleting) ? `${value.slice(0, 2)} / ${value.slice(2)}` : value;
  }

  function measure() {
    send('height', { height: Math.ceil(document.body.getBoundingClientRect().height) });
  }

  function applyLook(options) {
    const appearance = options.appearance || {};
    const root = document.documentElement;
    root.dataset.theme = appearance.theme === 'night' ? 'night' : 'stripe';
    for (const [name, variable] of Object.entries(VARIABLES)) {
      const value = (appearance.variables || {})[name];
      if (typeof value === 'string') root.style.setProperty(variable, value);
    }
    const rule = (appearance.rules || {})['.Input'] || {};
    for (const [name, variable] of Object.entries(RULES)) if (typeof rule[name] === 'string') root.style.setProperty(variable, rule[name]);
    if (typeof rule.border === 'string') for (const field of Object.values(fields)) field.style.border = rule.border;
    settings = { ...settings, hidePostalCode: Boolean(options.hidePostalCode) };
    document.getElementById('postal-field').hidden = settings.hidePostalCode;
  }

  function cardForm(prefix, billing) {
    const expiry = digits(fields.expiry.value);
    const values = {
      'type': 'card',
      'card[number]': digits(fields.number.value),
      'card[exp_month]': String(Number(expiry.slice(0, 2))),
      'card[exp_year]': String(2000 + Number(expiry.slice(2, 4))),
      'card[cvc]': digits(fields.cvc.value),
    };
    if (!settings.hidePostalCode) values['billing_details[address][postal_code]'] = fields.postalCode.value.trim();
    for (const [path, value] of Object.entries(billing || {})) if (value !== null && value !== undefined) values[`billing_details${path}`] = value;
    if (!prefix) return values;
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.replace(/^([^[]+)/, `${prefix}[$1]`), value]));
  }

  async function request(path, values) {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== null) body.append(name, value);
    try {
      const reply = await fetch(`/v1/${path}`, { method: 'POST', headers: { Authorization: `Bearer ${settings.key}` }, body });
      const data = await reply.json();
      return data.error ? { error: data.error } : { value: data };
    } catch {
      return { error: OFFLINE };
    }
  }

  const FIELD_OF = { number: 'number', exp_month: 'expiry', exp_year: 'expiry', cvc: 'cvc' };

  async function confirm({ path, form: values, billing }) {
    const checked = validate();
    if (checked.error) return checked;
    const result = await request(path, { ...values, ...cardForm('payment_method_data', billing) });
    const field = result.error && FIELD_OF[result.error.param];
    if (field) show(field, [result.error.code, result.error.message]);
    return result;
  }

  async function makeMethod({ billing }) {
    const checked = validate();
    return checked.error ? checked : request('payment_methods', cardForm('', billing));
  }

  const ACTIONS = {
    init(data) {
      settings.key = data.key;
      applyLook(data.options);
      send('ready');
      measure();
    },
    update: applyLook,
    validate,
    confirm,
    method: makeMethod,
    focus: () => fields.number.focus(),
    blur: () => document.activeElement.blur(),
    clear() {
      for (const [name, field] of Object.entries(fields)) {
        field.value = '';
        show(name, null);
      }
      announce();
    },
  };

  window.addEventListener('message', async (event) => {
    if (event.origin !== parentOrigin || event.source !== window.parent) return;
    const message = event.data;
    if (!message || message.to !== 'codepop-sandbox' || !Object.hasOwn(ACTIONS, message.type)) return;
    const result = await ACTIONS[message.type](message.data);
    if (message.call) answer(message.call, result || {});
  });

  for (const [name, field] of Object.entries(fields)) {
    field.addEventListener('input', (event) => {
      if (name === 'number') formatNumber();
      if (name === 'expiry') formatExpiry(event);
      if (name === 'cvc') field.value = digits(field.value).slice(0, 4);
      if (field.getAttribute('aria-invalid') === 'true') show(name, checks[name]());
      announce();
    });
    field.addEventListener('blur', () => {
      if (field.value.trim() !== '') show(name, checks[name]());
      send('blur');
    });
    field.addEventListener('focus', () => send('focus'));
  }
  for (const button of document.querySelectorAll('[data-fill]')) {
    button.addEventListener('click', () => {
      fields.number.value = button.dataset.fill;
      fields.expiry.value = '12 / 34';
      fields.cvc.value = '123';
      fields.postalCode.value = '02128';
      formatNumber();
      for (const name of Object.keys(fields)) show(name, checks[name]());
      announce();
    });
  }
  form.addEventListener('submit', (event) => event.preventDefault());
  document.addEventListener('keydown', (event) => event.key === 'Escape' && send('escape'));
  new ResizeObserver(measure).observe(document.body);
  if (parentOrigin) send('loaded');
})();
