"""Refunds: checked against what is left of the charge, succeeded at once, or with the delays and failures of the two
refund test cards.
"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import balance, objects
from sandbox.stripe.account import Account
from sandbox.stripe.cards import BY_NAME
from sandbox.stripe.errors import StripeError, invalid, missing_parameter

PENDING_SECONDS = 10


def create(account: Account, values: dict[str, Any]) -> Json:
    """Give money of a captured charge back. Raises when nothing, or less than asked, is left."""
    charge = _charge_to_refund(account, values)
    amount = _checked_amount(charge, values.get("amount"))
    behaviour = BY_NAME[charge["_card"]].refund
    refund = objects.refund(account.new_id("re"), charged=charge, amount=amount, created=account.now(), values=values)
    _book(account, refund, charge, amount=-amount, kind="refund")
    if behaviour == "pending":
        refund["status"], refund["pending_reason"] = "pending", "processing"
        account.later("finish_refund", refund["id"], PENDING_SECONDS)
    elif behaviour == "fails_later":
        account.later("fail_refund", refund["id"], PENDING_SECONDS)
    account.put("refund", refund)
    _set_refunded(account, charge, charge["amount_refunded"] + amount)
    account.emit("refund.created", refund)
    account.emit("charge.refunded", charge)
    return refund


def _charge_to_refund(account: Account, values: dict[str, Any]) -> Json:
    if values.get("charge"):
        charge = account.get("charge", values["charge"], param="charge")
        if values.get("payment_intent") not in (None, charge["payment_intent"]):
            raise invalid("The charge doesn't belong to the payment_intent given.", param="payment_intent", stored=True)
    elif values.get("payment_intent"):
        intent = account.get("payment_intent", values["payment_intent"], param="payment_intent")
        found = account.store.get("charge", intent["latest_charge"]) if intent["latest_charge"] else None
        if found is None or found["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise invalid(message, code="payment_intent_unexpected_state", param="payment_intent", stored=True)
        charge = found
    else:
        raise missing_parameter("payment_intent")
    if charge["status"] != "succeeded" or not charge["captured"]:
        message = (
            f"Charge {charge['id']} has not been captured, so it can't be refunded; cancel its PaymentIntent instead."
        )
        raise invalid(message, code="charge_not_refundable", param="charge", stored=True)
    return charge


def _checked_amount(charge: Json, wanted: int | None) -> int:
    # What was let go at a partial capture counts as refunded on the charge.
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise _already_refunded(charge)
    if charge["disputed"] and not charge.get("_inquiry"):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed", param="charge", stored=True)
    amount: int = left if wanted is None else wanted
    if amount > left:
        message = (
            f"Refund amount (${amount / 100:,.2f}) is greater than unrefunded amount on charge (${left / 100:,.2f})"
        )
        raise invalid(message, param="amount", stored=True)
    return amount


def _already_refunded(charge: Json) -> StripeError:
    message = f"Charge {charge['id']} has already been refunded."
    return invalid(message, code="charge_already_refunded", stored=True)


def _set_refunded(account: Account, charge: Json, amount: int) -> None:
    charge["amount_refunded"] = amount
    charge["refunded"] = amount == charge["amount"]
    account.put("charge", charge)


def _book(
    account: Account, refund: Json, charge: Json, *, amount: int, kind: str, field: str = "balance_transaction"
) -> None:
    line = balance.book(account, kind=kind, source=refund, amount=amount, words=charge["description"])
    refund[field] = line["id"]


def finish(account: Account, refund: Json) -> None:
    """A pending refund has arrived."""
    if refund["status"] == "pending":
        refund["status"], refund["pending_reason"] = "succeeded", None
        account.put("refund", refund)
        account.emit("refund.updated", refund, {"status": "pending"})


def fail(account: Account, refund: Json) -> None:
    """A refund that looked good came back: the money returns to the balance and to the charge's refundable rest."""
    if refund["status"] not in ("succeeded", "pending"):
        return
    charge = account.store.all("charge")[refund["charge"]]
    previous = {"status": refund["status"]}
    refund["status"], refund["failure_reason"] = "failed", "expired_or_canceled_card"
    _book(account, refund, charge, amount=refund["amount"], kind="refund_failure", field="failure_balance_transaction")
    account.put("refund", refund)
    _set_refunded(account, charge, charge["amount_refunded"] - refund["amount"])
    account.emit("refund.failed", refund, previous)
    account.emit("refund.updated", refund, previous)


def cancel(account: Account, refund: Json) -> Json:
    """Only a refund that still waits can be stopped."""
    if refund["status"] != "pending":
        raise invalid(f"You can't cancel this refund because it has a status of {refund['status']}.", stored=True)
    charge = account.store.all("charge")[refund["charge"]]
    refund["status"], refund["pending_reason"] = "canceled", None
    _book(account, refund, charge, amount=refund["amount"], kind="refund_failure", field="failure_balance_transaction")
    account.put("refund", refund)
    _set_refunded(account, charge, charge["amount_refunded"] - refund["amount"])
    account.emit("refund.updated", refund, {"status": "pending"})
    return refund
