/* The wallets' buttons in their frame: tells the embedding page which one was pressed, nothing else. */
(() => {
  'use strict';

  const parentOrigin = new URLSearchParams(window.location.search).get('origin');
  if (!parentOrigin) return;
  const send = (type, data) => window.parent.postMessage({ from: 'codepop-sandbox', type, data }, parentOrigin);
  const measure = () => send('height', { height: Math.ceil(document.querySelector('main').getBoundingClientRect().height) });
  const buttons = [...document.querySelectorAll('[data-wallet]')];

  const look = (options) => (document.documentElement.dataset.theme = (options.appearance || {}).theme === 'night' ? 'night' : 'stripe');
  const ACTIONS = {
    init(options) {
      for (const button of buttons) button.hidden = !options.wallets.includes(button.dataset.wallet);
      look(options);
      measure();
      send('ready');
    },
    update: look,
    focus: () => buttons.find((button) => !button.hidden)?.focus(),
  };

  window.addEventListener('message', (event) => {
    if (event.origin !== parentOrigin || event.source !== window.parent) return;
    const message = event.data;
    if (message && message.to === 'codepop-sandbox' && Object.hasOwn(ACTIONS, message.type)) ACTIONS[message.type](message.data);
  });
  for (const button of buttons) button.addEventListener('click', () => send('wallet', { wallet: button.dataset.wallet }));
  new ResizeObserver(measure).observe(document.body);
  send('loaded');
})();
