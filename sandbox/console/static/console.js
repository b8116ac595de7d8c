/* The console in the browser: refreshes what is looked at, shows times in the reader's zone, sends events again, turns faults on and off. */
(() => {
  'use strict';

  const REFRESH_MS = 2000;
  const live = document.getElementById('live');
  const announce = document.getElementById('announce');
  const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
  let shown = live.dataset.version;

  function localise(root) {
    for (const node of root.querySelectorAll('time')) {
      const moment = new Date(node.dateTime);
      const today = new Date().toDateString() === moment.toDateString();
      node.textContent = today ? clock.format(moment) : `${day.format(moment)} ${clock.format(moment)}`;
    }
  }

  const identityOf = (node) => (node.dataset.post ? `${node.dataset.post} ${node.dataset.body || ''}` : null);

  /* Put fresh content in without closing what the reader opened or taking the focus away. */
  function replace(html) {
    const open = new Set([...live.querySelectorAll('details[open]')].map((node) => node.dataset.key));
    const focused = live.contains(document.activeElement) ? identityOf(document.activeElement) || document.activeElement.getAttribute('href') : null;
    live.innerHTML = html;
    localise(live);
    for (const node of live.querySelectorAll('details')) if (open.has(node.dataset.key)) node.open = true;
    if (focused) {
      const again = [...live.querySelectorAll('a, button')].find((node) => [identityOf(node), node.getAttribute('href')].includes(focused));
      if (again) again.focus({ preventScroll: true });
    }
  }

  const reading = () => {
    const selection = window.getSelection();
    return selection && !selection.isCollapsed && live.contains(selection.anchorNode);
  };

  async function refresh() {
    if (document.hidden || reading()) return;
    try {
      const reply = await fetch(window.location.href, { headers: { 'X-Part': 'live' } });
      const version = reply.headers.get('X-Version');
      if (version !== shown) replace(await reply.text());
      shown = version;
    } catch {
      announce.textContent = 'The sandbox does not answer. This page refreshes when it is back.';
    }
  }

  async function send(method, path, body) {
    const reply = await fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body || {}) });
    const result = await reply.json();
    if (result.error) announce.textContent = result.error.message;
    return result;
  }

  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.post) {
      button.disabled = true;
      const result = await send('POST', button.dataset.post, JSON.parse(button.dataset.body || '{}'));
      if (!result.error) announce.textContent = button.dataset.done;
      button.disabled = false;
      window.setTimeout(refresh, 300);
    } else if (button.getAttribute('role') === 'switch') {
      await turn(button.closest('form'), button.getAttribute('aria-checked') !== 'true');
    }
  });

  async function turn(form, on) {
    const { kind, provider } = form.dataset;
    await send('DELETE', `/_sandbox/faults?provider=${provider}&kind=${kind}`);
    if (on) {
      const fault = { provider, kind, probability: Number(form.elements.probability.value) };
      const end = form.elements.end.value;
      if (end === 'once') fault.remaining = 1;
      else if (end) fault.seconds = Number(end);
      if (form.elements.delay_ms) fault.delay_ms = Number(form.elements.delay_ms.value);
      await send('POST', '/_sandbox/faults', fault);
    }
    announce.textContent = `${form.querySelector('h3').textContent} is ${on ? 'on' : 'off'}`;
    await showFaults();
  }

  async function showFaults() {
    if (document.hidden) return;
    const reply = await fetch('/_sandbox/faults');
    const { faults } = await reply.json();
    const on = new Map(faults.map((fault) => [`${fault.provider} ${fault.kind}`, fault]));
    for (const form of document.querySelectorAll('form[data-kind]')) {
      const fault = on.get(`${form.dataset.provider} ${form.dataset.kind}`);
      form.toggleAttribute('data-on', Boolean(fault));
      form.querySelector('[role=switch]').setAttribute('aria-checked', String(Boolean(fault)));
      let words = 'off';
      if (fault) {
        words = `on, struck ${fault.hits} ${fault.hits === 1 ? 'time' : 'times'}`;
        if (fault.seconds_left !== null) words += `, ${Math.ceil(fault.seconds_left)} s left`;
        if (fault.remaining !== null) words += `, ${fault.remaining} to go`;
      }
      form.querySelector('[data-state]').textContent = words;
    }
  }

  localise(document);
  const faultsPage = document.querySelector('form[data-kind]');
  if (faultsPage) showFaults();
  window.setInterval(faultsPage ? showFaults : refresh, REFRESH_MS);
  document.addEventListener('visibilitychange', faultsPage ? showFaults : refresh);
})();
