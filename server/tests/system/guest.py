"""A guest who orders, pays and fetches over the public API, and keeps every secret that was given."""

import time
from typing import Any
from uuid import uuid4

import httpx

from tools.system import System

EMAIL = "hidden.canary@example.org"
CARD = "4000056655665556"
PATIENCE_SECONDS = 90


class Guest:
    """Orders once over the public API and keeps every secret it was given."""

    def __init__(self, system: System) -> None:
        self.web = httpx.Client(base_url=f"{system.addresses['web']}/api/v1", timeout=30)
        self.sandbox = httpx.Client(base_url=system.addresses["sandbox"], timeout=30)
        self.secrets: dict[str, str] = {}
        self.order_id = ""

    def close(self) -> None:
        """Hang up."""
        self.web.close()
        self.sandbox.close()

    def _ask(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4()), "X-Order-Token": self.secrets.get("order token", "")}
        return self.web.post(path, json=body, headers={k: v for k, v in headers.items() if v})

    def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._ask(path, body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def order(self, quantity: int = 1, *, email: str = EMAIL) -> None:
        """Quote, place, and remember the order's secret."""
        store = self.web.get("/stores", params={"q": "campus", "limit": 1}).json()["items"][0]
        drink = next(d for d in self.web.get(f"/stores/{store['slug']}/menu").json()["drinks"] if d["available"])
        line = {"drink_id": drink["id"], "size": drink["default_size"], "quantity": quantity, "recipe": drink["recipe"]}
        pickup = {"mode": "now", "at": None}
        quote = self._send("/quotes", {"store_id": store["id"], "lines": [line], "pickup": pickup})
        placed = self._send("/orders", {"quote_id": quote["id"], "contact_email": email})
        self.order_id = placed["order"]["id"]
        self.secrets["order token"] = placed["order_token"]

    def may_pay(self) -> bool:
        """Ask for the means to pay; says whether they were given."""
        return self._ask(f"/orders/{self.order_id}/payment", {}).is_success

    def pay(self, number: str = CARD) -> None:
        """Pay as Stripe.js would, with the publishable key."""
        secret = str(self._send(f"/orders/{self.order_id}/payment", {})["client_secret"])
        self.secrets["client secret"] = secret
        key = self.web.get("/config").json()["stripe"]["publishable_key"]
        card = {"number": number, "exp_month": "12", "exp_year": "2031", "cvc": "123"}
        form = {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}
        method = self.sandbox.post("/v1/payment_methods", data=form, auth=(key, "")).json()["id"]
        confirmed = self.sandbox.post(
            f"/v1/payment_intents/{secret.partition('_secret_')[0]}/confirm",
            data={"client_secret": secret, "payment_method": method, "return_url": "http://127.0.0.1/"},
            auth=(key, ""),
        )
        assert confirmed.json()["status"] == "succeeded"

    def cancel(self, reason: str) -> None:
        """Take the order back, in words of one's own."""
        self._send(f"/orders/{self.order_id}/cancel", {"reason": reason})

    def fetch(self) -> None:
        """Wait for the code, remember it, open the door."""
        headers = {"X-Order-Token": self.secrets["order token"]}
        end = time.monotonic() + PATIENCE_SECONDS
        while (seen := self.web.get(f"/orders/{self.order_id}", headers=headers).json())["status"] != "ready":
            assert time.monotonic() < end, seen
            time.sleep(0.3)
        self.secrets["pickup code"] = seen["pickup_code"]["text"].replace(" ", "")
        self._send(f"/orders/{self.order_id}/open-door", {"code": seen["pickup_code"]["text"]})
