"""Payment methods: made from a test card's token or number, attached to a customer, used by intents."""

import time
from typing import Any

from sandbox.store import Json
from sandbox.stripe import cards, objects
from sandbox.stripe.account import Account
from sandbox.stripe.errors import card_error, invalid, missing_parameter

RAW_CARD_MESSAGE = (
    "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that"
    " map to the test card"
    " you are using, see https://stripe.com/docs/testing."
)
WALLETS = ("apple_pay", "google_pay")
USED_MESSAGE = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a"
    " connected account"
    " without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod"
    " multiple times, you"
    " must attach it to a Customer first."
)


def from_token(account: Account, token: str) -> Json:
    """A fresh payment method for a `pm_card_*` token."""
    year = time.gmtime(account.now()).tm_year
    values = {"exp_month": 12, "exp_year": year + 3, "has_cvc": True}
    return _new(account, cards.BY_TOKEN[token], values)


def from_data(account: Account, data: dict[str, Any], *, publishable: bool) -> Json:
    """A payment method from typed-in card data. The number is read here and forgotten. Raises a card error for
    impossible data.
    """
    if data.get("type") not in (None, "card"):
        raise invalid(f"The sandbox takes only cards, not '{data['type']}'.", param="type")
    given = data.get("card")
    if not given:
        raise missing_parameter("card")
    wallet = None
    if given.get("token"):
        card, month, year, has_cvc, wallet = _from_card_token(account, given["token"])
    else:
        if not publishable:
            raise invalid(RAW_CARD_MESSAGE, param="card[number]")
        for name in ("number", "exp_month", "exp_year"):
            if given.get(name) is None:
                raise missing_parameter(f"card[{name}]")
        card = cards.find_card(given["number"])
        today = time.gmtime(account.now())
        month, year, cvc = given["exp_month"], given["exp_year"], given.get("cvc")
        cards.check_card_data(card, month=month, year=year, cvc=cvc, today=(today.tm_year, today.tm_mon))
        year, has_cvc = cards.full_year(year), cvc is not None
    values = {
        "exp_month": month,
        "exp_year": year,
        "has_cvc": has_cvc,
        "wallet": wallet,
        "billing_details": data.get("billing_details"),
        "metadata": data.get("metadata"),
        "allow_redisplay": data.get("allow_redisplay"),
    }
    return _new(account, card, values)


def _from_card_token(account: Account, token: str) -> tuple[cards.TestCard, int, int, bool, Json | None]:
    """A test token: `tok_visa` names a test card, `tok_apple_pay_visa` the same card out of a wallet."""
    name, wallet = token.removeprefix("tok_"), None
    for kind in WALLETS:
        if name.startswith(f"{kind}_"):
            name, wallet = name.removeprefix(f"{kind}_"), kind
    card = cards.BY_NAME.get(name)
    if card is None or not token.startswith("tok_"):
        raise invalid(f"No such token: '{token}'", code="resource_missing", param="card[token]")
    held = {"dynamic_last4": card.last4, "type": wallet, wallet: {}} if wallet else None
    return card, 12, time.gmtime(account.now()).tm_year + 3, True, held


def _new(account: Account, card: cards.TestCard, values: dict[str, Any]) -> Json:
    method = objects.payment_method(account.new_id("pm"), card=card, created=account.now(), values=values)
    return account.put("payment_method", method)


def resolve(account: Account, reference: str, *, param: str = "payment_method") -> Json:
    """The payment method meant by an id or a `pm_card_*` token. Raises Stripe's 404."""
    if reference in cards.BY_TOKEN:
        return from_token(account, reference)
    return account.get("payment_method", reference, param=param, noun="PaymentMethod")


def card_of(method: Json) -> cards.TestCard:
    return cards.BY_NAME[method["_card"]]


def check_usable(method: Json, customer: str | None) -> None:
    """Refuse a method that belongs to another customer, or was used up without one."""
    owner = method["customer"]
    if owner is not None and customer is None:
        message = (
            f"The PaymentMethod {method['id']} you provided is attached to a Customer. Provide the customer in the"
            f" `customer` parameter"
            " of this PaymentIntent to use it."
        )
        raise invalid(message, param="payment_method", stored=True)
    if owner is not None and owner != customer:
        message = f"The payment method supplied ({method['id']}) belongs to a different Customer."
        raise invalid(message, param="payment_method", stored=True)
    if owner is None and method["_used"]:
        raise invalid(USED_MESSAGE, param="payment_method", stored=True)


def attach(account: Account, method: Json, customer_id: str) -> Json:
    """Give the method to a customer. A card that the issuer refuses outright can't be attached."""
    customer = account.get("customer", customer_id, param="customer")
    card = card_of(method)
    if method["customer"] == customer["id"]:
        return method
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.", stored=True)
    if method["_used"]:
        raise invalid(USED_MESSAGE, stored=True)
    if card.decline and not card.attach_only:
        raise card_error(card.decline.message, card.decline.code, decline_code=card.decline.decline_code, param="")
    return put_attached(account, method, customer["id"])


def put_attached(account: Account, method: Json, customer_id: str) -> Json:
    method["customer"] = customer_id
    account.put("payment_method", method)
    account.emit("payment_method.attached", method)
    return method


def detach(account: Account, method: Json) -> Json:
    """Take the method from its customer; it can't be used again."""
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise invalid(message, stored=True)
    previous = {"customer": method["customer"]}
    owner = account.store.get("customer", method["customer"])
    if owner and not owner.get("deleted") and owner["invoice_settings"]["default_payment_method"] == method["id"]:
        owner["invoice_settings"] = {**owner["invoice_settings"], "default_payment_method": None}
        account.put("customer", owner)
    method["customer"], method["_used"] = None, True
    account.put("payment_method", method)
    account.emit("payment_method.detached", method, previous)
    return method
