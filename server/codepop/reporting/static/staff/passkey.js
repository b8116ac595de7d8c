// Signing in with a passkey: the browser's question, answered by allauth's own operation. A passkey counts as both factors.
// Where the browser knows no passkeys, scripts are off, or the address is a number (passkeys belong to names), the button stays
// hidden and the form is what there is.
"use strict";

(() => {
  const LOGIN = "/_allauth/browser/v1/auth/webauthn/login";
  const WORDS = {
    busy: "Answer your device's question …",
    none: "No passkey was given. Try again, or use your password.",
    unfit: "This browser can't use a passkey here. Use your password.",
    refused: "This passkey isn't known here. Use your password, or ask an admin.",
    old: "This page is too old. Load it again, then try once more.",
    often: "Too many tries. Wait a minute, then try again.",
    ours: "CodePop can't check passkeys right now. Try again in a moment, or use your password.",
    away: "CodePop didn't answer. Check your connection and try again.",
  };
  const NUMBER = /^[\d.]+$|^\[/;

  const button = document.querySelector("[data-passkey]");
  const note = document.querySelector("[data-passkey-note]");
  if (!button || !note || typeof window.PublicKeyCredential !== "function" || NUMBER.test(location.hostname)) return;

  const toBytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const say = (words, bad) => {
    note.textContent = words;
    note.hidden = false;
    note.classList.toggle("bad", bad);
  };

  class Refusal extends Error {}

  const wordsFor = (status) =>
    ({ 400: WORDS.refused, 401: WORDS.refused, 403: WORDS.old, 429: WORDS.often })[status] || WORDS.ours;

  const call = async (options) => {
    const answer = await fetch(LOGIN, { ...options, headers: { Accept: "application/json", ...options.headers } });
    if (!answer.ok) throw new Refusal(wordsFor(answer.status));
    return answer.json();
  };

  const ask = async () => {
    const { data } = await call({});
    const options = data.request_options.publicKey;
    const allowed = (options.allowCredentials || []).map((one) => ({ ...one, id: toBytes(one.id) }));
    return navigator.credentials.get({
      publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: allowed },
    });
  };

  const describe = ({ id, rawId, type, response }) => ({
    id,
    rawId: toText(rawId),
    type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : null,
    },
  });

  const signIn = async () => {
    const credential = await ask();
    await call({
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify({ credential: describe(credential) }),
    });
    window.location.assign(button.dataset.passkey);
  };

  const why = (error) => {
    if (error instanceof Refusal) return error.message;
    if (error instanceof DOMException) return error.name === "NotAllowedError" ? WORDS.none : WORDS.unfit;
    return WORDS.away;
  };

  button.hidden = false;
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    say(WORDS.busy, false);
    try {
      await signIn(); // on its way to the page it stays busy
    } catch (error) {
      busy = false;
      say(why(error), true);
    }
  });
})();
