"""The control API's part about Stripe: books, request log, deliveries, keys and secrets."""

import base64
import time
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sandbox.calls import ControlError, Handler, number, read_json, routes_of
from sandbox.faults import WEBHOOK_KINDS
from sandbox.store import Json
from sandbox.stripe import disputes, payouts
from sandbox.stripe.account import public, random_text
from sandbox.stripe.books import books_of
from sandbox.stripe.errors import StripeError
from sandbox.stripe.forgetting import forget
from sandbox.stripe.messages import live_secrets
from sandbox.stripe.server import StripeServer
from sandbox.stripe.subjects import marks_of_object
from sandbox.stripe.webhooks import AUTOMATIC, MANUAL, MAX_TIMES


class StripeControl:
    """The handlers under /_sandbox/stripe."""

    def __init__(self, stripe: StripeServer) -> None:
        self.stripe, self.store = stripe, stripe.account.store

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/books", self.books),
            ("GET", "/requests", self.requests),
            ("GET", "/deliveries", self.deliveries),
            ("POST", "/delivery", self.set_delivery),
            ("POST", "/deliveries/deliver", self.deliver),
            ("POST", "/deliveries/take", self.take),
            ("POST", "/deliveries/settle", self.settle),
            ("POST", "/events/{event_id}/resend", self.resend),
            ("POST", "/charges/{charge_id}/dispute", self.open_dispute),
            ("POST", "/disputes/{dispute_id}/decide", self.decide),
            ("POST", "/payouts", self.pay_out),
            ("POST", "/payouts/{payout_id}/fail", self.fail_payout),
            ("POST", "/forget", self.forget),
            ("POST", "/keys", self.keys),
            ("POST", "/webhook_endpoints/{endpoint_id}/roll", self.roll_secret),
        ]
        return routes_of([(method, f"/_sandbox/stripe{path}", handler) for method, path, handler in table])

    async def books(self, request: Request) -> Json:
        """What the provider believes about every payment: for reconciliation by tests. `?since=` limits by creation
        time, `?about=` to payments whose id or metadata begins so.
        """
        query = request.query_params
        since, about = int(query.get("since", "0")), query.get("about", "")
        account = self.stripe.account
        chosen = [
            intent
            for intent in self.store.all("payment_intent").values()
            if intent["created"] >= since
            and (not about or any(mark.startswith(about) for mark in marks_of_object(account, intent)))
        ]
        return books_of(self.store, chosen)

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
        """All webhook deliveries, newest first, with every attempt. `?event=`, `?status=`, `?about=`, `?limit=` narrow
        it.
        """
        query = request.query_params
        limit, about = int(query.get("limit", "200")), query.get("about", "")
        found = []
        for item in self.store.newest_first("delivery"):
            if query.get("event") in (None, item["event"]) and query.get("status") in (None, item["status"]):
                if about and not self._is_about(item, about):
                    continue
                found.append(public(item))
                if len(found) == limit:
                    break
        return {"deliveries": found}

    def _is_about(self, delivery: Json, about: str) -> bool:
        event = self.store.get("event", delivery["event"])
        marks = marks_of_object(self.stripe.account, event["data"]["object"]) if event else ()
        return any(mark.startswith(about) for mark in marks)

    async def set_delivery(self, request: Request) -> Json:
        """{"mode": "manual"} holds every webhook until a driver names it; "automatic" lets them go."""
        wish = await read_json(request, "mode")
        if wish.get("mode") not in (AUTOMATIC, MANUAL):
            raise ControlError(f"mode must be {AUTOMATIC} or {MANUAL}")
        self.stripe.dispatcher.set_mode(wish["mode"])
        return {"mode": wish["mode"]}

    async def deliver(self, request: Request) -> Json:
        """{"ids": ["dlv_..."], "faults": {"webhook_bad_signature": {}}, "times": 1}: send these now, one after the
        other in this order, and answer when all are through.
        """
        wish = await read_json(request, "ids", "faults", "times")
        times = int(number(wish, "times", 1))
        if not 1 <= times <= MAX_TIMES:
            raise ControlError(f"times must be from 1 to {MAX_TIMES}")
        chosen = [self._object("delivery", key) for key in _texts(wish, "ids")]
        return {"answers": await self.stripe.dispatcher.deliver_now(chosen, _webhook_faults(wish), times)}

    async def take(self, request: Request) -> Json:
        """{"ids": ["dlv_..."], "faults": {...}}: the signed messages, for a driver that carries them itself. The body
        is base64, since a fault may make it no text. Tell the outcome by `settle`.
        """
        wish = await read_json(request, "ids", "faults")
        faults = _webhook_faults(wish)
        messages = []
        for key in _texts(wish, "ids"):
            delivery = self._object("delivery", key)
            prepared = self.stripe.dispatcher.prepare(delivery, faults)
            if prepared is None:
                raise ControlError(f"{key}: its event or endpoint is gone")
            url, body, headers = prepared
            messages.append(
                {
                    "id": key,
                    "event": delivery["event"],
                    "type": delivery["type"],
                    "url": url,
                    "headers": headers,
                    "body": base64.b64encode(body).decode(),
                }
            )
        return {"messages": messages}

    async def settle(self, request: Request) -> Json:
        """{"statuses": {"dlv_...": 200, "dlv_...": null}}: what the receiver answered to messages that were taken."""
        wish = await read_json(request, "statuses")
        statuses = wish.get("statuses")
        if not isinstance(statuses, dict):
            raise ControlError("statuses must map deliveries to what the receiver answered, null for no answer")
        for key, status in statuses.items():
            self.stripe.dispatcher.settle(self._object("delivery", key), None if status is None else int(status))
        return {"settled": len(statuses)}

    async def open_dispute(self, request: Request) -> Json:
        """{"reason": "fraudulent", "inquiry": false}: the payer's bank disputes a charge."""
        wish = await read_json(request, "reason", "inquiry")
        charge = self._object("charge", request.path_params["charge_id"])
        reason, inquiry = wish.get("reason", "fraudulent"), bool(wish.get("inquiry", False))
        try:
            return public(disputes.open_dispute(self.stripe.account, charge, reason=str(reason), inquiry=inquiry))
        except StripeError as refusal:
            raise ControlError(str(refusal)) from None

    async def decide(self, request: Request) -> Json:
        """{"won": true}: the bank decides a dispute."""
        wish = await read_json(request, "won")
        dispute = self._object("dispute", request.path_params["dispute_id"])
        if not isinstance(wish.get("won"), bool):
            raise ControlError("won must be true or false")
        try:
            return public(disputes.close(self.stripe.account, dispute, won=wish["won"]))
        except StripeError as refusal:
            raise ControlError(str(refusal)) from None

    async def pay_out(self, request: Request) -> Json:
        """The daily payout now, of what is available."""
        await read_json(request)
        return {"payouts": [public(payout) for payout in payouts.run_daily(self.stripe.account)]}

    async def fail_payout(self, request: Request) -> Json:
        """The bank sends a payout back."""
        await read_json(request)
        payout = self._object("payout", request.path_params["payout_id"])
        payouts.fail(self.stripe.account, payout)
        return public(payout)

    def _object(self, kind: str, key: str) -> Json:
        item = self.store.get(kind, key)
        if item is None:
            raise ControlError(f"{key}: no such {kind}")
        return item

    async def forget(self, request: Request) -> Json:
        """{"about": "order-7"}: drop all payments and customers whose id or metadata begins so, with everything that
        belongs to them. Keeps a driver of many thousand payments in bounded memory.
        """
        wish = await read_json(request, "about")
        about = wish.get("about")
        if not isinstance(about, str) or not about:
            raise ControlError("about must say how the id or a value of the metadata begins")
        return {"forgotten": forget(self.stripe.account, about)}

    async def resend(self, request: Request) -> Json:
        """Send an event again to the endpoints it was for; to all that listen when it had none."""
        await read_json(request)
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
        wish = await read_json(request)
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
        wish = await read_json(request)
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


def _texts(wish: dict[str, Any], name: str) -> list[str]:
    values = wish.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ControlError(f"{name} must be a list of texts")
    return values


def _webhook_faults(wish: dict[str, Any]) -> Json:
    """Kinds of webhook faults with their options, from {"kind": {...}} or a list of kinds."""
    given = wish.get("faults") or {}
    faults: Json = {kind: {} for kind in given} if isinstance(given, list) else given
    if not isinstance(faults, dict) or set(faults) - set(WEBHOOK_KINDS):
        raise ControlError(f"faults may hold {', '.join(WEBHOOK_KINDS)}")
    return faults
