"""The states of a SetupIntent: a card made ready to be charged later, with or without the payer."""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import attempts, intents, methods, objects
from sandbox.stripe.account import Account, public, random_text
from sandbox.stripe.cards import Decline
from sandbox.stripe.errors import card_error, invalid, unexpected_state

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(account: Account, values: dict[str, Any]) -> Json:
    if values.get("customer"):
        account.get("customer", values["customer"], param="customer")
    key = account.new_id("seti")
    intent = objects.setup_intent(key, secret=f"{key}_secret_{random_text(31)}", created=account.now(), values=values)
    account.put("setup_intent", intent)
    account.emit("setup_intent.created", intent)
    return intent


def set_method(account: Account, intent: Json, method: Json) -> None:
    methods.check_usable(method, intent["customer"])
    intent["payment_method"], intent["next_action"], intent["status"] = method["id"], None, "requires_confirmation"
    account.put("setup_intent", intent)


def confirm(account: Account, intent: Json, method: Json | None, wish: intents.Confirmation) -> Json:
    """Check the card with its issuer. Ends in succeeded or requires_action, or raises the card error of a decline."""
    if intent["status"] not in OPEN:
        message = f"You cannot confirm this SetupIntent because it has a status of {intent['status']}."
        raise unexpected_state(public(intent), message, "setup_intent")
    if method is None and intent["payment_method"]:
        method = account.store.get("payment_method", intent["payment_method"])
    if method is None:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise unexpected_state(public(intent), message, "setup_intent")
    methods.check_usable(method, intent["customer"])
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and not (wish.return_url or wish.use_stripe_sdk):
        raise invalid(intents.NEEDS_RETURN_URL.replace("PaymentIntent", "SetupIntent", 1), param="return_url")
    attempts.abandon(account, intent)
    intent["payment_method"], intent["next_action"] = method["id"], None
    card = methods.card_of(method)
    if card.decline and not card.attach_only:
        _decline(account, intent, method, card.decline)
    wanted = intent["payment_method_options"]["card"]["request_three_d_secure"]
    if card.authentication in ("unless_set_up", "always", "required") or (
        card.authentication == "optional" and wanted != "automatic"
    ):
        attempts.record(account, intent, method, status="requires_action")
        return _ask(account, intent, wish)
    return _succeed(account, intent, method)


def _ask(account: Account, intent: Json, wish: intents.Confirmation) -> Json:
    attempt = f"src_{random_text(24)}"
    intent["next_action"] = intents.next_action(account, intent["id"], attempt, wish)
    intent["status"], intent["_attempt"], intent["_return_url"] = "requires_action", attempt, wish.return_url
    account.put("setup_intent", intent)
    account.emit("setup_intent.requires_action", intent)
    return intent


def finish_authentication(account: Account, intent: Json, *, passed: bool) -> Json:
    method = account.store.all("payment_method")[intent["payment_method"]]
    if passed:
        return _succeed(account, intent, method)
    error = invalid(intents.AUTHENTICATION_FAILED, code="setup_intent_authentication_failure").error
    intent["last_setup_error"] = attempts.failure(error, method)
    attempts.record(account, intent, method, status="failed", error=intent["last_setup_error"])
    intent["status"], intent["payment_method"], intent["next_action"] = "requires_payment_method", None, None
    account.put("setup_intent", intent)
    account.emit("setup_intent.setup_failed", intent)
    return intent


def _succeed(account: Account, intent: Json, method: Json) -> Json:
    method["_set_up"] = True
    account.put("payment_method", method)
    if intent["customer"] and method["customer"] is None:
        methods.put_attached(account, method, intent["customer"])
    attempts.record(account, intent, method, status="succeeded")
    intent["status"], intent["next_action"], intent["last_setup_error"] = "succeeded", None, None
    account.put("setup_intent", intent)
    account.emit("setup_intent.succeeded", intent)
    return intent


def _decline(account: Account, intent: Json, method: Json, decline: Decline) -> None:
    error = card_error(decline.message, decline.code, decline_code=decline.decline_code, advice_code=decline.advice)
    intent["last_setup_error"] = attempts.failure(error.error, method)
    attempts.record(account, intent, method, status="failed", error=intent["last_setup_error"])
    intent["status"], intent["payment_method"] = "requires_payment_method", None
    account.put("setup_intent", intent)
    account.emit("setup_intent.setup_failed", intent)
    error.error["setup_intent"], error.error["payment_method"] = public(intent), public(method)
    raise error


def cancel(account: Account, intent: Json, reason: str | None) -> Json:
    if intent["status"] not in OPEN:
        message = f"You cannot cancel this SetupIntent because it has a status of {intent['status']}."
        raise unexpected_state(public(intent), message, "setup_intent")
    intent["status"], intent["cancellation_reason"], intent["next_action"] = "canceled", reason, None
    account.put("setup_intent", intent)
    account.emit("setup_intent.canceled", intent)
    return intent
