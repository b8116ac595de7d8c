"""The states of a PaymentIntent and what moves it: confirm, authenticate, capture, cancel, and the charges these
make.
"""

from dataclasses import dataclass
from typing import Any

from sandbox.store import Json
from sandbox.stripe import balance, methods, objects
from sandbox.stripe.account import Account, public, random_text
from sandbox.stripe.cards import Decline, TestCard
from sandbox.stripe.errors import StripeError, card_error, invalid, unexpected_state

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture")
HOLD_SECONDS = 7 * objects.DAY
SETTLE_SECONDS = 2
DISPUTE_SECONDS = 5
MINIMUM_CENTS = {
    "usd": 50,
    "cad": 50,
    "aud": 50,
    "eur": 50,
    "gbp": 30,
    "mxn": 1000,
    "chf": 50,
    "jpy": 50,
    "nzd": 50,
    "sgd": 50,
}
MAXIMUM_AMOUNT = 99_999_999
NEEDS_RETURN_URL = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these"
    " payment methods might"
    " redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept"
    " redirect-based payment"
    " methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to"
    " `never` when"
    " creating Setup Intents and Payment Intents."
)
AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)
AUTHENTICATION_NEEDED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
LOOKUP_FAILED = Decline("card_declined", "generic_decline", "Your card was declined.", "try_again_later")


@dataclass(frozen=True)
class Confirmation:
    """What the caller says when confirming."""

    off_session: bool = False
    return_url: str | None = None
    use_stripe_sdk: bool = False
    error_on_requires_action: bool = False


def check_amount(amount: int, currency: str) -> None:
    """Refuse unknown currencies and amounts Stripe wouldn't charge."""
    if currency not in MINIMUM_CENTS:
        message = (
            f"Invalid currency: {currency}. Stripe currently supports these currencies in the sandbox:"
            f" {', '.join(MINIMUM_CENTS)}"
        )
        raise invalid(message, param="currency")
    if amount < MINIMUM_CENTS[currency]:
        minimum = (
            f"${MINIMUM_CENTS[currency] / 100:.2f}" if currency == "usd" else f"{MINIMUM_CENTS[currency] / 100:.2f}"
        )
        raise invalid(f"Amount must be at least {minimum} {currency}", code="amount_too_small", param="amount")
    if amount > MAXIMUM_AMOUNT:
        raise invalid("Amount must be no more than $999,999.99", code="amount_too_large", param="amount")


def create(account: Account, values: dict[str, Any]) -> Json:
    """A new intent, with its payment method but not confirmed."""
    check_amount(values["amount"], values["currency"])
    if values.get("customer"):
        account.get("customer", values["customer"], param="customer")
    key = account.new_id("pi")
    intent = objects.payment_intent(key, secret=f"{key}_secret_{random_text(25)}", created=account.now(), values=values)
    account.put("payment_intent", intent)
    account.emit("payment_intent.created", intent)
    return intent


def set_method(account: Account, intent: Json, method: Json) -> None:
    """Put a payment method on an intent that isn't confirmed yet."""
    methods.check_usable(method, intent["customer"])
    intent["payment_method"] = method["id"]
    intent["next_action"] = None
    intent["status"] = "requires_confirmation"
    account.put("payment_intent", intent)


def confirm(account: Account, intent: Json, method: Json | None, wish: Confirmation) -> Json:
    """Try to pay. Ends in requires_action, requires_capture or succeeded, or raises the card error of a decline."""
    if intent["status"] not in CONFIRMABLE:
        raise _cannot_confirm(intent)
    if method is None and intent["payment_method"]:
        method = account.store.get("payment_method", intent["payment_method"])
    if method is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the"
            " PaymentIntent with a"
            " payment method and then confirm it again, or confirm it again directly with a payment method."
        )
        raise unexpected_state(public(intent), message)
    methods.check_usable(method, intent["customer"])
    automatic = intent["automatic_payment_methods"]
    if (
        automatic
        and automatic["allow_redirects"] == "always"
        and not (wish.return_url or wish.use_stripe_sdk or wish.off_session)
    ):
        raise invalid(NEEDS_RETURN_URL, param="return_url")
    intent["payment_method"] = method["id"]
    intent["next_action"] = intent["last_payment_error"] = None
    method["_payment"] = intent["id"]
    card = methods.card_of(method)
    need = _authentication_need(card, method, intent, wish)
    if need == "refused":
        return _decline(account, intent, method, card, AUTHENTICATION_NEEDED)
    if need == "lookup_error":
        return _decline(account, intent, method, card, LOOKUP_FAILED)
    if need == "challenge":
        return _ask_authentication(account, intent, wish)
    return _charge(account, intent, method, card, authenticated=False)


def _cannot_confirm(intent: Json) -> StripeError:
    if intent["status"] == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    else:
        message = (
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. Only a"
            f" PaymentIntent with one of the"
            " following statuses may be confirmed: requires_confirmation, requires_action, requires_payment_method."
        )
    return unexpected_state(public(intent), message)


def _authentication_need(card: TestCard, method: Json, intent: Json, wish: Confirmation) -> str:
    """none, challenge, refused (the payer isn't there to be asked) or lookup_error; after the test card's published
    behaviour.
    """
    wanted = intent["payment_method_options"]["card"]["request_three_d_secure"]
    if (method["card"]["wallet"] or {}).get("type") == "apple_pay":
        # The payer has shown face or finger to the phone, which counts as authentication.
        return "none"
    if card.authentication is None or (card.authentication == "optional" and wanted == "automatic"):
        return "none"
    if card.authentication == "lookup_error":
        return "lookup_error"
    if wish.off_session:
        exempt = card.authentication in ("unless_set_up", "already_set_up") and method["_set_up"]
        return "none" if exempt else "refused"
    if wish.error_on_requires_action:
        return "refused"
    return "challenge"


def next_action(account: Account, key: str, attempt: str, wish: Confirmation) -> Json:
    """What the payer has to do: a page of the sandbox, opened by redirect or inside stripe.js."""
    url = f"{account.config.public_url}/stripe/3ds/{key}/{attempt}"
    if wish.return_url and not wish.use_stripe_sdk:
        return {"redirect_to_url": {"return_url": wish.return_url, "url": url}, "type": "redirect_to_url"}
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {"source": attempt, "stripe_js": url, "type": "three_d_secure_redirect"},
    }


def _ask_authentication(account: Account, intent: Json, wish: Confirmation) -> Json:
    attempt = f"src_{random_text(24)}"
    intent["next_action"] = next_action(account, intent["id"], attempt, wish)
    intent["status"] = "requires_action"
    intent["_attempt"], intent["_return_url"] = attempt, wish.return_url
    account.put("payment_intent", intent)
    account.emit("payment_intent.requires_action", intent)
    return intent


def finish_authentication(account: Account, intent: Json, *, passed: bool) -> Json:
    """The payer has answered the challenge. Never raises for a decline: nobody waits for an answer here, the intent
    shows it.
    """
    method = account.store.all("payment_method")[intent["payment_method"]]
    card = methods.card_of(method)
    intent["next_action"] = None
    if not passed:
        return _fail_authentication(account, intent, method)
    if intent["confirmation_method"] == "manual":
        intent["status"] = "requires_confirmation"
        return account.put("payment_intent", intent)
    try:
        return _charge(account, intent, method, card, authenticated=True)
    except StripeError:
        return intent


def _fail_authentication(account: Account, intent: Json, method: Json) -> Json:
    error = invalid(AUTHENTICATION_FAILED, code="payment_intent_authentication_failure").error
    intent["last_payment_error"] = {**error, "payment_method": public(method)}
    intent["status"], intent["payment_method"] = "requires_payment_method", None
    account.put("payment_intent", intent)
    account.emit("payment_intent.payment_failed", intent)
    return intent


def _charge(account: Account, intent: Json, method: Json, card: TestCard, *, authenticated: bool) -> Json:
    decline = card.decline_after_authentication if authenticated else card.decline
    if decline:
        return _decline(account, intent, method, card, decline)
    charge = objects.charge(
        account.new_id("ch"),
        intent=intent,
        method=method,
        card=card,
        created=account.now(),
        authenticated=authenticated,
    )
    manual = intent["capture_method"] == "manual"
    charge["status"], charge["paid"], charge["captured"] = "succeeded", True, not manual
    charge["amount_captured"] = 0 if manual else charge["amount"]
    charge["outcome"] = _outcome(card)
    charge["receipt_url"] = f"{account.config.public_url}/payments/{intent['id']}"
    account.put("charge", charge)
    intent["latest_charge"], intent["last_payment_error"] = charge["id"], None
    _use_method(account, intent, method)
    account.emit("charge.succeeded", charge)
    if manual:
        intent["status"], intent["amount_capturable"] = "requires_capture", intent["amount"]
        account.put("payment_intent", intent)
        account.emit("payment_intent.amount_capturable_updated", intent)
        account.later("expire_hold", intent["id"], HOLD_SECONDS)
        return intent
    intent["status"], intent["amount_received"] = "succeeded", intent["amount"]
    account.put("payment_intent", intent)
    account.emit("payment_intent.succeeded", intent)
    account.later("settle_charge", charge["id"], SETTLE_SECONDS)
    if card.dispute:
        account.later("open_dispute", charge["id"], DISPUTE_SECONDS)
    return intent


def _use_method(account: Account, intent: Json, method: Json) -> None:
    """Remember that the method was used: without a customer that uses it up, with a wish to save it, it is attached."""
    if intent["setup_future_usage"] and intent["customer"] and method["customer"] is None:
        method["_set_up"] = method["_set_up"] or intent["setup_future_usage"] == "off_session"
        methods.put_attached(account, method, intent["customer"])
    elif method["customer"] is None:
        method["_used"] = True
        account.put("payment_method", method)


def _outcome(card: TestCard, decline: Decline | None = None) -> Json:
    scores = {"normal": 12, "elevated": 70, "highest": 92}
    return {
        "advice_code": decline.advice if decline else None,
        "network_advice_code": None,
        "network_decline_code": decline.network_code if decline else None,
        "network_status": _network_status(decline),
        "reason": (("highest_risk_level" if decline.blocked else decline.decline_code) if decline else None),
        "risk_level": card.risk_level,
        "risk_score": scores[card.risk_level],
        "seller_message": _seller_message(decline),
        "type": ("blocked" if decline.blocked else "issuer_declined") if decline else "authorized",
    }


def _network_status(decline: Decline | None) -> str:
    if decline is None:
        return "approved_by_network"
    return "not_sent_to_network" if decline.blocked else "declined_by_network"


def _seller_message(decline: Decline | None) -> str:
    if decline is None:
        return "Payment complete."
    if decline.blocked:
        return "Stripe blocked this payment as too risky."
    return "The bank did not return any further details with this decline."


def _decline(account: Account, intent: Json, method: Json, card: TestCard, decline: Decline) -> Json:
    """Record the failed charge and raise the card error that carries the intent."""
    charge = objects.charge(
        account.new_id("ch"), intent=intent, method=method, card=card, created=account.now(), authenticated=False
    )
    charge["status"], charge["failure_code"], charge["failure_message"] = "failed", decline.code, decline.message
    charge["outcome"] = _outcome(card, decline)
    account.put("charge", charge)
    error = card_error(
        decline.message,
        decline.code,
        decline_code=decline.decline_code,
        param={"incorrect_cvc": "cvc", "expired_card": "exp_month"}.get(decline.code),
        advice_code=decline.advice,
        network_decline_code=decline.network_code,
        charge=charge["id"],
    )
    intent["last_payment_error"] = {**error.error, "payment_method": public(method)}
    intent["latest_charge"], intent["payment_method"] = charge["id"], None
    intent["status"] = "requires_payment_method"
    account.put("payment_intent", intent)
    account.emit("charge.failed", charge)
    account.emit("payment_intent.payment_failed", intent)
    error.error["payment_intent"], error.error["payment_method"] = public(intent), public(method)
    raise error


def capture(account: Account, intent: Json, amount: int | None) -> Json:
    """Take the held money, or a part of it; the rest is let go."""
    if intent["status"] != "requires_capture":
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a"
            f" PaymentIntent with one of"
            " the following statuses may be captured: requires_capture."
        )
        raise unexpected_state(public(intent), message)
    wanted = intent["amount_capturable"] if amount is None else amount
    if wanted > intent["amount_capturable"]:
        message = "The provided capture amount is greater than the amount you are allowed to capture for this charge."
        raise invalid(message, code="amount_too_large", param="amount_to_capture", stored=True)
    charge = account.store.all("charge")[intent["latest_charge"]]
    charge["captured"], charge["amount_captured"] = True, wanted
    if wanted < charge["amount"]:
        charge["amount_refunded"] = charge["amount"] - wanted
    account.put("charge", charge)
    intent["status"], intent["amount_received"], intent["amount_capturable"] = "succeeded", wanted, 0
    account.put("payment_intent", intent)
    account.emit("charge.captured", charge)
    account.emit("payment_intent.succeeded", intent)
    account.later("settle_charge", charge["id"], SETTLE_SECONDS)
    return intent


def cancel(account: Account, intent: Json, reason: str | None) -> Json:
    """End an intent that hasn't been paid; held money is let go."""
    if intent["status"] not in CANCELABLE:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a"
            f" PaymentIntent with one of the"
            " following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation,"
            " requires_action."
        )
        raise unexpected_state(public(intent), message)
    held = intent["status"] == "requires_capture"
    intent["status"], intent["canceled_at"], intent["cancellation_reason"] = "canceled", account.now(), reason
    intent["next_action"], intent["amount_capturable"] = None, 0
    account.put("payment_intent", intent)
    account.emit("payment_intent.canceled", intent)
    if held:
        charge = account.store.all("charge")[intent["latest_charge"]]
        charge["amount_refunded"], charge["refunded"] = charge["amount"], True
        account.put("charge", charge)
        account.emit("charge.expired" if reason == "automatic" else "charge.refunded", charge)
    return intent


def settle(account: Account, charge: Json) -> None:
    """Book a captured charge on the balance, which Stripe does a moment after the payment."""
    if charge["balance_transaction"] is None and charge["captured"]:
        amount = charge["amount_captured"]
        line = balance.book(account, kind="charge", source=charge, amount=amount, fee=objects.fee_of(amount))
        charge["balance_transaction"] = line["id"]
        account.put("charge", charge)
        account.emit("charge.updated", charge, {"balance_transaction": None})
