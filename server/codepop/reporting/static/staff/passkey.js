// Signing in with a passkey: the browser's question, answered by allauth's own operation. A passkey counts as both factors.
// Where the browser knows no passkeys, or scripts are off, the button stays hidden and the form is what there is.
"use strict";

(() => {
  const LOGIN = "/_allauth/browser/v1/auth/webauthn/login";
  const WORDS = {
    busy: "Answer your device's question …",
    closed: "You closed the question. Try again, or use your password.",
    refused: "This passkey isn't known here. Use your password, or ask an admin.",
    often: "Too many tries. Wait a minute, then try again.",
    away: "CodePop didn't answer. Check your connection and try again.",
  };

  const button = document.querySelector("[data-passkey]");
  const note = document.querySelector("[data-passkey-note]");
  if (!button || !note || typeof window.PublicKeyCredential !== "function") return;

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

  const ask = async () => {
    const { data } = await (await fetch(LOGIN, { headers: { Accept: "application/json" } })).json();
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
    const answer = await fetch(LOGIN, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify({ credential: describe(credential) }),
    });
    if (answer.ok) window.location.assign(button.dataset.passkey);
    else say(answer.status === 429 ? WORDS.often : WORDS.refused, true);
    return answer.ok;
  };

  button.hidden = false;
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    say(WORDS.busy, false);
    try {
      // On its way to the page it stays busy.
      busy = await signIn();
    } catch (error) {
      busy = false;
      say(error instanceof DOMException ? WORDS.closed : WORDS.away, true);
    }
  });
})();
