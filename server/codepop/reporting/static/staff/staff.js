// Keeps a store's screen live: one event stream says "something changed", and the panels are fetched again.
// When the stream is away the panels are fetched every ten seconds instead; a hidden page fetches nothing.
"use strict";

(() => {
  const QUIET_MS = 10_000;
  const SHORTEST_MS = 1_000;

  const board = document.querySelector("[data-live-url]");
  if (!board) return;

  const state = { refreshedAt: Date.now(), timer: 0, streaming: false };

  const refresh = () => {
    window.clearTimeout(state.timer);
    state.timer = 0;
    if (document.hidden || board.contains(document.querySelector("details.pause[open]"))) return;
    state.refreshedAt = Date.now();
    window.htmx.trigger(board, "refresh");
  };

  // Many changes within a second are one look at the store.
  const refreshSoon = () => {
    if (state.timer) return;
    const wait = Math.max(0, state.refreshedAt + SHORTEST_MS - Date.now());
    state.timer = window.setTimeout(refresh, wait);
  };

  const show = (live) => {
    state.streaming = live;
    const label = document.querySelector("[data-live-label]");
    if (label) label.textContent = live ? "live" : "every 10 s";
  };

  const listen = () => {
    const stream = new EventSource(board.dataset.liveUrl, { withCredentials: true });
    stream.addEventListener("open", () => { show(true); refreshSoon(); });
    stream.addEventListener("store", refreshSoon);
    stream.addEventListener("error", () => {
      show(false);
      if (stream.readyState === EventSource.CLOSED) window.setTimeout(listen, QUIET_MS);
    });
  };

  // Minutes go on even when nothing happens, so a live page looks again too.
  window.setInterval(() => {
    if (Date.now() - state.refreshedAt >= QUIET_MS - 500) refresh();
  }, QUIET_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.body.addEventListener("htmx:afterSwap", () => show(state.streaming));
  // A session that ended answers with the sign-in page's address: go there.
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) window.location.reload();
  });
  listen();
})();
