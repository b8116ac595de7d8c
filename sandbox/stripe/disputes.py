"""Disputes of the test cards that end in one: opened a moment after the payment, answered with evidence, won or lost
by its magic words.
"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import balance, objects
from sandbox.stripe.account import Account, public
from sandbox.stripe.cards import BY_NAME
from sandbox.stripe.errors import invalid, missing_object
from sandbox.stripe.params import merge_metadata

FEE_CENTS = 1500
RESPONSE_SECONDS = objects.RESPONSE_DAYS * objects.DAY
MAX_EVIDENCE_CHARACTERS = 150_000
# Evidence that is a document: Stripe wants the id of an uploaded file here, and no text.
DOCUMENTS = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
ENDED = ("won", "lost", "warning_closed")
OPEN = ("needs_response", "warning_needs_response")


def open_by_card(account: Account, charge: Json) -> None:
    """The dispute that a test card leads to, unless everything was given back before the bank came to it."""
    reason = BY_NAME[charge["_card"]].dispute
    left = charge["amount_captured"] - charge["amount_refunded"]
    if reason is not None and not charge["disputed"] and left > 0:
        inquiry = reason == "inquiry"
        open_dispute(account, charge, reason="general" if inquiry else reason, inquiry=inquiry)


def open_dispute(account: Account, charge: Json, *, reason: str, inquiry: bool) -> Json:
    """The payer's bank takes the money back, or only asks (an inquiry). What was refunded isn't disputed. Raises when
    nothing is left to dispute.
    """
    amount = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"] or charge["status"] != "succeeded" or amount <= 0:
        raise invalid(f"Charge {charge['id']} has nothing left to dispute.", param="charge")
    dispute = objects.dispute(
        account.new_id("du"), charged=charge, amount=amount, reason=reason, created=account.now(), inquiry=inquiry
    )
    account.put("dispute", dispute)
    charge["disputed"], charge["_inquiry"] = True, inquiry
    account.put("charge", charge)
    account.emit("charge.dispute.created", dispute)
    if not inquiry:
        _book(account, dispute, -dispute["amount"], FEE_CENTS)
        account.emit("charge.dispute.funds_withdrawn", dispute)
    account.later("dispute_due", dispute["id"], RESPONSE_SECONDS)
    return dispute


def expire(account: Account, dispute: Json) -> None:
    """The time to answer is over: what nobody answered is lost, an inquiry is closed."""
    if dispute["status"] in OPEN:
        dispute["evidence_details"] = {**dispute["evidence_details"], "past_due": True}
        close(account, dispute, won=False)


def submit(account: Account, dispute: Json, values: dict[str, Any]) -> Json:
    """Take evidence. `winning_evidence` or `losing_evidence` as uncategorized_text decides at once, as in Stripe's
    test mode.
    """
    if dispute["status"] not in OPEN:
        raise invalid("This dispute is already closed or under review.", stored=True)
    evidence = values.get("evidence") or {}
    _check_evidence(account, {**dispute["evidence"], **evidence})
    if "metadata" in values:
        dispute["metadata"] = merge_metadata(dispute["metadata"], values["metadata"])
    if evidence:
        dispute["evidence"] = {**dispute["evidence"], **evidence}
        dispute["evidence_details"] = {**dispute["evidence_details"], "has_evidence": True}
    account.put("dispute", dispute)
    account.emit("charge.dispute.updated", dispute)
    if values.get("submit", bool(evidence)):
        details = dispute["evidence_details"]
        dispute["evidence_details"] = {
            **details,
            "submission_count": details["submission_count"] + 1,
            "submission_method": "manual",
        }
        dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"
        account.put("dispute", dispute)
        word = dispute["evidence"]["uncategorized_text"]
        if word in ("winning_evidence", "losing_evidence"):
            return close(account, dispute, won=word == "winning_evidence")
    return dispute


def _check_evidence(account: Account, evidence: Json) -> None:
    for name in DOCUMENTS:
        if evidence[name] is not None and account.store.get("file", evidence[name]) is None:
            raise missing_object("file upload", evidence[name], f"evidence[{name}]")
    if sum(len(value) for value in evidence.values() if isinstance(value, str)) > MAX_EVIDENCE_CHARACTERS:
        message = f"The combined character count of all evidence is limited to {MAX_EVIDENCE_CHARACTERS:,}."
        raise invalid(message, param="evidence")


def close(account: Account, dispute: Json, *, won: bool) -> Json:
    """End a dispute: accepted (lost) by the merchant, or decided by the bank."""
    if dispute["status"] in ENDED:
        raise invalid("This dispute is already closed.", stored=True)
    inquiry = dispute["status"].startswith("warning")
    previous = {"status": dispute["status"]}
    dispute["status"] = "warning_closed" if inquiry else ("won" if won else "lost")
    account.put("dispute", dispute)
    if won and not inquiry:
        _book(account, dispute, dispute["amount"], 0)
        account.emit("charge.dispute.funds_reinstated", dispute)
    account.emit("charge.dispute.closed", dispute, previous)
    return dispute


def _book(account: Account, dispute: Json, amount: int, fee: int) -> None:
    line = balance.book(account, kind="adjustment", source=dispute, amount=amount, fee=fee)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], public(line)]
    account.put("dispute", dispute)
