"""The provider's side of a measurement: what the sandbox has to say, kept back and delivered when we say so."""

import hashlib
import hmac
import json
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from bench._checkout import CheckoutFailed, Wire

Json = dict[str, Any]
WEBHOOK_PATH = "/webhooks/stripe"
PAGE = 100


class Provider:
    """The sandbox of the system that is measured."""

    def __init__(self, sandbox_url: str, webhook_secret: str) -> None:
        self._url, self._secret = sandbox_url, webhook_secret

    @contextmanager
    def webhooks_lost(self, seconds: int = 60) -> Iterator[None]:
        """Keep the sandbox from delivering by itself, for so long at most."""
        lost = self._call("POST", "/_sandbox/faults", {"kind": "webhook_lost", "seconds": seconds})
        try:
            yield
        finally:
            self._call("DELETE", f"/_sandbox/faults/{lost['id']}", None)

    def paid_events(self, intents: Collection[str]) -> dict[str, Json]:
        """Return the event that says "succeeded" of each of these intents, which are recent. Raises CheckoutFailed."""
        wanted, found, after = set(intents), dict[str, Json](), ""
        while wanted:
            page = self._call("GET", f"/v1/events?type=payment_intent.succeeded&limit={PAGE}{after}", None)
            for event in page["data"]:
                if (intent := event["data"]["object"]["id"]) in wanted:
                    found[intent] = event
                    wanted.remove(intent)
            if wanted and not page["has_more"]:
                raise CheckoutFailed(f"the sandbox has no event of {', '.join(sorted(wanted)[:3])}")
            after = f"&starting_after={page['data'][-1]['id']}" if page["data"] else ""
        return found

    def signed(self, body: bytes) -> dict[str, str]:
        """Return the headers of a delivery that is made now."""
        moment = str(int(time.time()))
        digest = hmac.digest(self._secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hex()
        return {"Content-Type": "application/json", "Stripe-Signature": f"t={moment},v1={digest}"}

    def deliver(self, wire: Wire, body: bytes) -> None:
        """Deliver an event over a kept-alive connection to the site. Raises CheckoutFailed."""
        status, _ = wire.send("POST", WEBHOOK_PATH, body, self.signed(body))
        if status != 200:
            raise CheckoutFailed(f"the webhook answered {status}")

    def _call(self, method: str, path: str, body: Json | None) -> Json:
        content = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": "Bearer sk_test_sandbox", "Content-Type": "application/json"}
        with urlopen(Request(f"{self._url}{path}", content, headers, method=method), timeout=10) as answer:
            read: Json = json.loads(answer.read())
        return read
