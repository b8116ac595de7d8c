"""Who acts in a history: shoppers with a phone, the staff, robots and the door, the provider's messages, the worker.

A shopper knows only what was answered: when an answer is lost, the next try uses the same key, as the app does.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, close_old_connections

from chaos.invariants import Answer, Told
from chaos.provider import Json
from chaos.world import World
from codepop.core.errors import AppError
from codepop.gateways.errors import GatewayError
from codepop.kit.clock import now
from codepop.ordering.lines import request_document
from codepop.ordering.tests.factories import make_line

CARDS = {
    "good": "pm_card_visa",
    "declined": "pm_card_visa_chargeDeclined",
    "secure": "pm_card_threeDSecure2Required",
    "secure_failed": "pm_card_threeDSecure2Required",
    "stray": "pm_card_visa",
    "dispute": "pm_card_createDispute",
    "refund_fails": "pm_card_refundFail",
    "refund_waits": "pm_card_pendingRefund",
}
EMAIL = "shopper@example.com"
PAID_STATUSES = frozenset({"paid", "queued", "preparing", "ready", "picked_up"})


def attempt(act: Callable[[], Any]) -> Json:
    """Run a command of the product; what it refuses, and what the database refuses, is its answer."""
    try:
        result = act()
    except (AppError, GatewayError) as refusal:
        return {"refused": getattr(refusal, "code", "") or type(refusal).__name__, "kind": type(refusal).__name__}
    except (DatabaseError, InterfaceError) as error:
        # As Django does between two requests, and the worker between two jobs.
        close_old_connections()
        return {"refused": "database", "kind": type(error).__name__}
    return {"done": result if isinstance(result, int | str | bool | None) else True}


@dataclass
class Shopper:
    """One person with one cart; `how` of a step says which keys and payloads are sent."""

    number: int
    world: World
    told: Told
    quote: Json | None = None
    tries: int = 0
    order_id: str = ""
    token: str = ""
    intent_id: str = ""
    bank_page: str = ""

    def api(self, method: str, path: str, body: Json | None, *, key: str = "") -> Json:
        """Send one request; returns status and body."""
        headers = {"Idempotency-Key": key, "X-Order-Token": self.token}
        answer = self.world.client.generic(
            method,
            f"/api/v1{path}",
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers={name: value for name, value in headers.items() if value},
        )
        return {"status": answer.status_code, "body": json.loads(answer.content or b"{}")}

    def key(self, what: str) -> str:
        """Return the key of one intention: the same for each try of it."""
        return f"chaos-{self.number}-{what}-{self.tries:04d}"

    def note(self, key: str, asked: Json, said: Json) -> None:
        """Remember an answer under a key, without the parts that tell the present moment."""
        self.told.answers.append(Answer(key, json.dumps(asked), said["status"], json.dumps(said["body"])))

    # --- what can be asked -------------------------------------------------------------------------------------------

    def ask_price(self, how: str) -> Json:
        """Ask for a quote; `now` and `later` choose the pickup with it."""
        shop = self.world.cooler.shop
        body = {"store_id": str(shop.store.id), "lines": [request_document(make_line(shop.menu))], **_pickup(how)}
        return self.api("POST", "/quotes", body)

    def learn_price(self, said: Json) -> None:
        if said["status"] == 201:
            self.quote = said["body"]
            self.tries += 1
            self.order_id = self.token = self.intent_id = self.bank_page = ""

    def place(self, how: str) -> Json:
        """Order what was quoted. `again` repeats the call, `other` sends something else under the key."""
        assert self.quote is not None
        body = {"quote_id": self.quote["id"], "contact_email": EMAIL}
        if how == "other":
            body["pickup"] = {"mode": "now"}
        key = self.key("place-anew" if how == "other_key" else "place")
        said = self.api("POST", "/orders", body, key=key)
        self.note(key, body, said)
        return said

    def learn_order(self, said: Json) -> None:
        body = said["body"]
        if said["status"] == 201:
            self.order_id, self.token = body["order"]["id"], body["order_token"]
        elif said["status"] == 409 and "quote" in body:
            self.learn_price({"status": 201, "body": body["quote"]})

    def get_ready_to_pay(self, how: str) -> Json:
        key = self.key("pay")
        said = self.api("POST", f"/orders/{self.order_id}/payment", {}, key=key)
        self.note(key, {"pay": self.order_id}, said)
        return said

    def learn_intent(self, said: Json) -> None:
        if said["status"] == 200:
            self.intent_id = said["body"]["client_secret"].split("_secret_")[0]

    def cancel(self, how: str) -> Json:
        key = self.key("cancel")
        said = self.api("POST", f"/orders/{self.order_id}/cancel", {"reason": "Changed my mind"}, key=key)
        self.note(key, {"cancel": self.order_id}, said)
        return said

    def refresh(self, how: str) -> Json:
        return self.api("POST", f"/orders/{self.order_id}/payment/refresh", {})

    def look(self, how: str) -> Json:
        return self.api("GET", f"/orders/{self.order_id}", None)

    def choose(self, how: str) -> Json:
        return self.api("PUT", f"/orders/{self.order_id}/pickup", _pickup(how or "now")["pickup"])

    def learn_state(self, said: Json) -> None:
        """Believe what the screen says, and hold CodePop to it."""
        if said["status"] == 200 and said["body"].get("status") in PAID_STATUSES:
            self.told.paid[self.order_id] = said["body"]["status"]

    # --- at the provider, without CodePop ----------------------------------------------------------------------------

    def pay(self, card: str) -> str:
        """Confirm in the payment form; a bank that asks is answered at once."""
        answer = self.world.provider.confirm(self.intent_id, CARDS[card])
        if answer.get("status") == "requires_action":
            page = answer["next_action"]["redirect_to_url"]["url"]
            self.world.provider.answer_bank(page, "fail" if card == "secure_failed" else "complete")
            return "asked"
        return str(answer.get("status") or answer["error"].get("code"))


def _pickup(how: str) -> Json:
    if how == "now":
        return {"pickup": {"mode": "now"}}
    if how == "later":
        return {"pickup": {"mode": "at", "at": (now() + timedelta(hours=1)).isoformat()}}
    return {}


def order_uuid(shopper: Shopper) -> UUID:
    """Return the id of a shopper's order."""
    return UUID(shopper.order_id)
