"""The control API under /_sandbox: state, books, request log, faults, clock, resets. For tests and for the console;
never part of a provider.

Changing calls take JSON with that content type, which no page of another origin can send unasked.
"""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import KINDS, FaultError, Faults
from sandbox.store import Json, Store
from sandbox.stripe.account import public, random_text
from sandbox.stripe.server import StripeServer
from sandbox.stripe.webhooks import live_secrets

COUNTED = (
    "payment_intent",
    "charge",
    "refund",
    "customer",
    "payment_method",
    "setup_intent",
    "event",
    "delivery",
    "dispute",
    "request",
)


class ControlError(ValueError):
    """A control call is wrong; the message names the field and the remedy."""


class Control:
    """The handlers of the control API."""

    def __init__(self, *, store: Store, clock: Clock, faults: Faults, stripe: StripeServer) -> None:
        self.store, self.clock, self.faults, self.stripe = store, clock, faults, stripe

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
            ("GET", "/_sandbox/state", self.state),
            ("POST", "/_sandbox/faults", self.add_fault),
            ("GET", "/_sandbox/faults", self.list_faults),
            ("DELETE", "/_sandbox/faults", self.remove_faults),
            ("DELETE", "/_sandbox/faults/{fault_id}", self.remove_faults),
            ("POST", "/_sandbox/reset", self.reset),
            ("POST", "/_sandbox/clock", self.set_clock),
            ("GET", "/_sandbox/stripe/books", self.books),
            ("GET", "/_sandbox/stripe/requests", self.requests),
            ("GET", "/_sandbox/stripe/deliveries", self.deliveries),
            ("POST", "/_sandbox/stripe/events/{event_id}/resend", self.resend),
            ("POST", "/_sandbox/stripe/keys", self.keys),
            ("POST", "/_sandbox/stripe/webhook_endpoints/{endpoint_id}/roll", self.roll_secret),
        ]
        return [Route(path, _guarded(handler), methods=[method]) for method, path, handler in table]

    async def state(self, request: Request) -> Json:
        return {
            "now": self.clock.stamp(),
            "clock": self.clock.to_json(),
            "faults": [fault.to_json() for fault in self.faults.active()],
            "stripe": {kind: len(self.store.all(kind)) for kind in COUNTED}
            | {"pending_deliveries": sum(item["status"] == "pending" for item in self.store.all("delivery").values())},
        }

    async def add_fault(self, request: Request) -> Json:
        return self.faults.add(await _json(request)).to_json()

    async def list_faults(self, request: Request) -> Json:
        return {"faults": [fault.to_json() for fault in self.faults.active()], "kinds": KINDS}

    async def remove_faults(self, request: Request) -> Json:
        query = request.query_params
        removed = self.faults.remove(
            fault_id=request.path_params.get("fault_id"), provider=query.get("provider"), kind=query.get("kind")
        )
        return {"removed": removed}

    async def reset(self, request: Request) -> Json:
        """Forget all objects and faults, set the clock back; the endpoint from the environment stays."""
        await _json(request)
        self.store.clear()
        self.faults.remove()
        self.clock.reset(self.stripe.account.config.clock_factor)
        self.stripe.wire.revoked.clear()
        self.stripe.ensure_endpoint()
        self.stripe.scheduler.start()
        return {"reset": True}

    async def set_clock(self, request: Request) -> Json:
        """{"advance_seconds": 3600} lets time pass at once; {"factor": 60} makes waits pass faster."""
        wish = await _json(request)
        unknown = set(wish) - {"advance_seconds", "factor"}
        if unknown:
            raise ControlError(f"{', '.join(sorted(unknown))}: unknown; the clock takes advance_seconds and factor")
        if "factor" in wish:
            if not isinstance(wish["factor"], int | float) or wish["factor"] <= 0:
                raise ControlError("factor must be a number above 0")
            self.clock.set_factor(float(wish["factor"]))
        self.clock.advance(float(wish.get("advance_seconds", 0)))
        self.store.write_meta("clock", self.clock.to_json())
        self.stripe.scheduler.rearm()
        return {"now": self.clock.stamp(), "clock": self.clock.to_json()}

    async def books(self, request: Request) -> Json:
        """What the provider believes about every payment: for reconciliation by tests. `?since=` limits by creation
        time.
        """
        since = int(request.query_params.get("since", "0"))
        refunds: dict[str, int] = {}
        for refund in self.store.all("refund").values():
            if refund["status"] not in ("failed", "canceled"):
                refunds[refund["payment_intent"]] = refunds.get(refund["payment_intent"], 0) + refund["amount"]
        charges: dict[str, list[Json]] = {}
        for charge in self.store.all("charge").values():
            charges.setdefault(charge["payment_intent"], []).append(charge)
        books = [
            _book(intent, charges.get(intent["id"], []), refunds.get(intent["id"], 0))
            for intent in self.store.all("payment_intent").values()
            if intent["created"] >= since
        ]
        captured, refunded = (
            sum(book["amount_captured"] for book in books),
            sum(book["amount_refunded"] for book in books),
        )
        return {"intents": books, "amount_captured": captured, "amount_refunded": refunded}

    async def requests(self, request: Request) -> Json:
        """The request log, newest first. `?object=`, `?path=` (part of it), `?limit=` narrow it."""
        query = request.query_params
        limit = int(query.get("limit", "200"))
        found = []
        for record in self.store.newest_first("request"):
            if query.get("object") in (None, record["object"]) and query.get("path", "") in record["path"]:
                found.append(public(record))
                if len(found) == limit:
                    break
        return {"requests": found}

    async def deliveries(self, request: Request) -> Json:
        """All webhook deliveries, newest first, with every attempt. `?event=`, `?status=`, `?limit=` narrow it."""
        query = request.query_params
        limit = int(query.get("limit", "200"))
        found = []
        for item in self.store.newest_first("delivery"):
            if query.get("event") in (None, item["event"]) and query.get("status") in (None, item["status"]):
                found.append(public(item))
                if len(found) == limit:
                    break
        return {"deliveries": found}

    async def resend(self, request: Request) -> Json:
        """Send an event again to the endpoints it was for; to all that listen when it had none."""
        await _json(request)
        event = self.store.get("event", request.path_params["event_id"])
        if event is None:
            raise ControlError("event_id: no such event")
        deliveries = [item for item in self.store.all("delivery").values() if item["event"] == event["id"]]
        for delivery in deliveries:
            self.stripe.dispatcher.send_now(delivery)
        if not deliveries:
            self.stripe.dispatcher.announce(
                event, [e for e in self.store.all("webhook_endpoint").values() if e["status"] == "enabled"]
            )
        return {"resent": len(deliveries) or 1}

    async def keys(self, request: Request) -> Json:
        """{"revoke": "sk_test_..."} or {"restore": "sk_test_..."}: a key rotation drill."""
        wish = await _json(request)
        if set(wish) - {"revoke", "restore"} or not wish:
            raise ControlError("give revoke or restore with an API key")
        if "revoke" in wish:
            self.stripe.wire.revoked.add(str(wish["revoke"]))
        self.stripe.wire.revoked.discard(str(wish.get("restore", "")))
        self.store.write_meta("revoked_keys", sorted(self.stripe.wire.revoked))
        return {"revoked": len(self.stripe.wire.revoked)}

    async def roll_secret(self, request: Request) -> Json:
        """Give an endpoint a new secret ({"secret": ..} or a random one); the old one signs too for `keep_seconds`
        (default a day).
        """
        wish = await _json(request)
        endpoint = self.store.get("webhook_endpoint", request.path_params["endpoint_id"])
        if endpoint is None:
            raise ControlError("endpoint_id: no such webhook endpoint")
        until = time.time() + float(wish.get("keep_seconds", 86400))
        fresh = str(wish.get("secret") or f"whsec_{random_text(32)}")
        old = [
            {**entry, "until": entry["until"] or until} for entry in endpoint["_secrets"] if entry["secret"] != fresh
        ]
        endpoint["_secrets"] = [{"secret": fresh, "until": None}, *old]
        self.store.put("webhook_endpoint", endpoint)
        return {"secret": fresh, "live_secrets": len(live_secrets(endpoint, time.time()))}


def _book(intent: Json, charges: list[Json], refunded: int) -> Json:
    paid = [charge for charge in charges if charge["status"] == "succeeded" and charge["captured"]]
    return {
        "id": intent["id"],
        "status": intent["status"],
        "amount": intent["amount"],
        "currency": intent["currency"],
        "amount_captured": sum(charge["amount_captured"] for charge in paid),
        "amount_refunded": refunded,
        "charges_succeeded": len(paid),
        "charges_failed": sum(charge["status"] == "failed" for charge in charges),
        "disputed": any(charge["disputed"] for charge in charges),
        "metadata": intent["metadata"],
        "created": intent["created"],
        "customer": intent["customer"],
    }


async def _json(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ControlError("send JSON with the content type application/json")
    body = await request.body()
    try:
        wish = json.loads(body or b"{}")
    except ValueError:
        raise ControlError("the body isn't JSON") from None
    if not isinstance(wish, dict):
        raise ControlError("the body must be a JSON object")
    return wish


def _guarded(handler: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[JSONResponse]]:
    """JSON in, JSON out; wrong calls become 400 with the reason. State is written before the answer leaves."""

    async def answer(request: Request) -> JSONResponse:
        try:
            result = await handler(request)
        except (ControlError, FaultError, ValueError) as problem:
            return JSONResponse({"error": {"message": str(problem)}}, status_code=400)
        store: Store = request.app.state.store
        store.flush()
        return JSONResponse(result)

    return answer
