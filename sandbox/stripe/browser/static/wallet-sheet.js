/* The wallet's sheet inside the shop's dialog: a card is chosen and confirmed, or not. */
(() => {
  'use strict';

  const query = new URLSearchParams(window.location.search);
  const origin = query.get('origin');
  if (!origin || window.parent === window) return;
  const NAMES = { apple_pay: 'Apple Pay', google_pay: 'Google Pay' };
  const send = (type, data) => window.parent.postMessage({ from: 'codepop-sandbox', type, data }, origin);
  const form = document.getElementById('sheet');
  const complete = document.getElementById('complete');
  const cancel = () => send('answered', { outcome: 'cancel' });

  document.getElementById('wallet').textContent = NAMES[query.get('wallet')] || 'Wallet';
  document.getElementById('due').textContent = query.get('due') || '';
  document.getElementById('due-row').hidden = !query.get('due');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send('answered', { outcome: 'complete', card: form.elements.card.value });
  });
  document.getElementById('cancel').addEventListener('click', cancel);
  const ACTIONS = { focus: () => complete.focus(), give_up: cancel };
  window.addEventListener('message', (event) => {
    if (event.origin !== origin || event.source !== window.parent) return;
    const message = event.data;
    if (message && message.to === 'codepop-sandbox' && Object.hasOwn(ACTIONS, message.type)) ACTIONS[message.type]();
  });
  document.addEventListener('keydown', (event) => event.key === 'Escape' && cancel());
  send('loaded');
  send('height', { height: Math.ceil(document.querySelector('main').getBoundingClientRect().height) });
  complete.focus();
})();
