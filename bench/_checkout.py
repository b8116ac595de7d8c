"""One checkout as a client makes it, over kept-alive connections: quote, place, create the payment, confirm the card.

Uses http.client and not a richer library: the driver shares the machine with what it measures.
"""

import http.client
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

Json = dict[str, Any]


class CheckoutFailed(Exception):
    """An answer that a checkout can't go on from."""


@dataclass(frozen=True)
class Basket:
    """What is ordered where: a store's id and one line."""

    store_id: str
    line: Json


class Wire:
    """One connection to one server; `source` is the address of this machine that it comes from."""

    def __init__(self, base_url: str, *, source: str = "") -> None:
        self.base_url = base_url
        comes_from = (source, 0) if source else None
        self._connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=30, source_address=comes_from)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, Json]:
        """Send and return status and JSON; a connection that the server closed is opened again."""
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, dict(headers))
                answer = self._connection.getresponse()
                content = answer.read()
                return answer.status, json.loads(content or b"{}")
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._connection.close()
                if attempt == 2:
                    raise
        raise AssertionError

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@dataclass(frozen=True)
class Times:
    """A checkout's order and how long its calls took, in milliseconds."""

    order_id: str
    token: str
    quote_ms: float
    place_ms: float
    payment_ms: float


class Client:
    """A customer's client; not for several threads."""

    def __init__(self, public_url: str, sandbox_url: str, publishable_key: str, *, pickup: Json | None = None) -> None:
        """`pickup` is when all orders are wanted; without it that is left open, and no robot starts."""
        self._pickup = {"pickup": pickup} if pickup else {}
        self._shop, self._stripe = Wire(public_url), Wire(sandbox_url)
        self.publishable_key = publishable_key
        self._stripe_headers = {
            "Authorization": f"Bearer {publishable_key}",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def close(self) -> None:
        """Close both connections."""
        self._shop.close()
        self._stripe.close()

    def get(self, path: str) -> Json:
        """Read something of the API. Raises CheckoutFailed."""
        return self._call("GET", path, None, {})

    def checkout(self, basket: Basket) -> Times:
        """Order and pay; the order is paid when its webhook has been worked on. Raises CheckoutFailed."""
        return self.checkout_unseen(basket)[0]

    def checkout_unseen(self, basket: Basket) -> tuple[Times, str]:
        """Order and pay; returns also the intent's id, for who delivers the webhook himself. Raises CheckoutFailed."""
        begin = time.perf_counter()
        quote = self._call("POST", "/quotes", {"store_id": basket.store_id, "lines": [basket.line]}, {})
        quoted = time.perf_counter()
        wish = {"quote_id": quote["id"], "contact_email": "bench@customers.example", **self._pickup}
        placed = self._call("POST", "/orders", wish, _key())
        ordered = time.perf_counter()
        order_id, token = placed["order"]["id"], placed["order_token"]
        payment = self._call("POST", f"/orders/{order_id}/payment", {}, {"X-Order-Token": token, **_key()})
        paying = time.perf_counter()
        self.pay(payment["client_secret"])
        intent = payment["client_secret"].partition("_secret_")[0]
        times = Times(order_id, token, (quoted - begin) * 1000, (ordered - quoted) * 1000, (paying - ordered) * 1000)
        return times, intent

    def cancel(self, times: Times) -> None:
        """Cancel an order of ours, so that nothing of the measurement stays sold. Raises CheckoutFailed."""
        headers = {"X-Order-Token": times.token, **_key()}
        self._call("POST", f"/orders/{times.order_id}/cancel", {"reason": "Measured."}, headers)

    def pay(self, client_secret: str) -> None:
        """Confirm the payment with a good card. Raises CheckoutFailed."""
        intent = client_secret.partition("_secret_")[0]
        form = urlencode({"client_secret": client_secret, "payment_method": "pm_card_visa", "use_stripe_sdk": "true"})
        path = f"/v1/payment_intents/{intent}/confirm"
        status, body = self._stripe.send("POST", path, form.encode(), self._stripe_headers)
        if status != 200 or body.get("status") != "succeeded":
            raise CheckoutFailed(f"confirm answered {status}: {body.get('error', body.get('status'))}")

    def _call(self, method: str, path: str, body: Json | None, headers: Mapping[str, str]) -> Json:
        content = None if body is None else json.dumps(body).encode()
        all_headers = {"Content-Type": "application/json", **headers} if content else headers
        status, answer = self._shop.send(method, f"/api/v1{path}", content, all_headers)
        if status >= 400:
            raise CheckoutFailed(f"{method} {path} answered {status}: {answer.get('error')}")
        return answer


def _key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(12)}


def baskets(client: Client) -> list[Basket]:
    """Return something to order at every open store, the same kinds of drinks everywhere. Raises CheckoutFailed."""
    found: list[Basket] = []
    cursor = ""
    stores: list[Json] = []
    while True:
        page = client.get(f"/stores?limit=50{cursor}")
        stores += [one for one in page["items"] if one["open"] and one["accepting_orders"]]
        if not page.get("next"):
            break
        cursor = f"&cursor={page['next']}"
    for store in stores:
        menu = client.get(f"/stores/{store['slug']}/menu")
        for drink in [one for one in menu["drinks"] if one["available"]][:6]:
            found.append(Basket(store["id"], _line(drink)))
    if not found:
        raise CheckoutFailed("no store is open and has drinks: start the demo chain")
    return found


def _line(drink: Json) -> Json:
    size = drink["default_size"]
    return {"drink_id": drink["id"], "name": None, "size": size, "quantity": 1, "recipe": drink["recipe"]}
