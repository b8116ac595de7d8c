"""SetupAttempts: each time somebody tried to save a card by a SetupIntent, and how that ended."""

from typing import Any

from sandbox.store import Json
from sandbox.stripe.account import Account, public
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import PAGE, schema, span, text, within
from sandbox.stripe.render import page

KIND = "setup_attempt"


def record(account: Account, intent: Json, method: Json, *, status: str, error: Json | None = None) -> None:
    """Note a try as the intent's latest, or how the open one, which waited for the bank, ended."""
    open_one = account.store.get(KIND, intent["latest_attempt"]) if intent["latest_attempt"] else None
    if open_one is None or open_one["status"] != "requires_action":
        open_one = _attempt(account.new_id("setatt"), intent, method, created=account.now())
    open_one["status"], open_one["setup_error"] = status, error
    account.put(KIND, open_one)
    intent["latest_attempt"] = open_one["id"]


def abandon(account: Account, intent: Json) -> None:
    """End a try that still waits for the bank, since another one begins."""
    waiting = account.store.get(KIND, intent["latest_attempt"]) if intent["latest_attempt"] else None
    if waiting is not None and waiting["status"] == "requires_action":
        waiting["status"] = "abandoned"
        account.put(KIND, waiting)


def _attempt(key: str, intent: Json, method: Json, *, created: int) -> Json:
    card = method["card"]
    shown = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {
        "id": key,
        "object": KIND,
        "application": None,
        "created": created,
        "customer": intent["customer"],
        "customer_account": None,
        "flow_directions": None,
        "livemode": False,
        "on_behalf_of": None,
        "payment_method": method["id"],
        "payment_method_details": {
            "card": {name: card[name] for name in shown} | {"network": card["brand"], "three_d_secure": None},
            "type": "card",
        },
        "setup_error": None,
        "setup_intent": intent["id"],
        "status": "requires_confirmation",
        "usage": intent["usage"],
    }


def failure(error: Json, method: Json) -> Json:
    """Return what an intent and its attempt keep of an error."""
    return {**error, "payment_method": public(method)}


def _list(call: Call) -> Json:
    params: dict[str, Any] = call.params
    call.account.get("setup_intent", params["setup_intent"], param="setup_intent")
    return page(
        call.account,
        KIND,
        "/v1/setup_attempts",
        params,
        lambda item: item["setup_intent"] == params["setup_intent"] and within(item["created"], params.get("created")),
    )


OPERATIONS: Operations = {
    ("GET", "setup_attempts"): Operation(schema(("setup_intent",), created=span, setup_intent=text(), **PAGE), _list),
}
