/* The 3-D Secure page inside the shop's dialog: reports its size and the answer to the page that embeds it. */
(() => {
  'use strict';

  const { origin, outcome } = document.body.dataset;
  if (!origin || window.parent === window) return;
  const send = (type, data) => window.parent.postMessage({ from: 'codepop-sandbox', type, data }, origin);
  const measure = () => send('height', { height: Math.ceil(document.querySelector('main').getBoundingClientRect().height) });

  if (outcome) {
    send('answered', { outcome });
    return;
  }
  const complete = document.getElementById('complete');
  const fail = document.getElementById('fail');
  const ACTIONS = { focus: () => complete.focus(), give_up: () => fail.click() };
  window.addEventListener('message', (event) => {
    if (event.origin !== origin || event.source !== window.parent) return;
    const message = event.data;
    if (message && message.to === 'codepop-sandbox' && Object.hasOwn(ACTIONS, message.type)) ACTIONS[message.type]();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') fail.click();
    if (event.key !== 'Tab') return;
    event.preventDefault();
    (document.activeElement === complete ? fail : complete).focus();
  });
  send('loaded');
  measure();
  complete.focus();
})();
