"""Disputes of the test cards that end in one: opened a moment after the payment, answered with evidence, won or lost
by its magic words.
"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import objects
from sandbox.stripe.account import Account, public
from sandbox.stripe.cards import BY_NAME
from sandbox.stripe.errors import invalid
from sandbox.stripe.params import merge_metadata

FEE_CENTS = 1500
OPEN = ("needs_response", "warning_needs_response")


def open_dispute(account: Account, charge: Json) -> None:
    """The payer's bank takes the money back, or only asks (an inquiry)."""
    reason = BY_NAME[charge["_card"]].dispute
    if reason is None or charge["disputed"]:
        return
    inquiry = reason == "inquiry"
    dispute = objects.dispute(
        account.new_id("du"),
        charged=charge,
        reason="general" if inquiry else reason,
        created=account.now(),
        inquiry=inquiry,
    )
    account.put("dispute", dispute)
    charge["disputed"], charge["_inquiry"] = True, inquiry
    account.put("charge", charge)
    account.emit("charge.dispute.created", dispute)
    if not inquiry:
        _book(account, dispute, -dispute["amount"], FEE_CENTS)
        account.emit("charge.dispute.funds_withdrawn", dispute)


def submit(account: Account, dispute: Json, values: dict[str, Any]) -> Json:
    """Take evidence. `winning_evidence` or `losing_evidence` as uncategorized_text decides at once, as in Stripe's
    test mode.
    """
    if dispute["status"] not in OPEN:
        raise invalid("This dispute is already closed or under review.", stored=True)
    if "metadata" in values:
        dispute["metadata"] = merge_metadata(dispute["metadata"], values["metadata"])
    evidence = values.get("evidence") or {}
    if evidence:
        dispute["evidence"] = {**dispute["evidence"], **evidence}
        dispute["evidence_details"] = {**dispute["evidence_details"], "has_evidence": True}
    account.put("dispute", dispute)
    account.emit("charge.dispute.updated", dispute)
    if evidence and values.get("submit", True):
        details = dispute["evidence_details"]
        dispute["evidence_details"] = {
            **details,
            "submission_count": details["submission_count"] + 1,
            "submission_method": "manual",
        }
        dispute["status"] = "under_review"
        account.put("dispute", dispute)
        word = evidence.get("uncategorized_text")
        if word in ("winning_evidence", "losing_evidence"):
            return close(account, dispute, won=word == "winning_evidence")
    return dispute


def close(account: Account, dispute: Json, *, won: bool) -> Json:
    """End a dispute: accepted (lost) by the merchant, or decided by the bank."""
    if dispute["status"] in ("won", "lost", "warning_closed"):
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
    line = objects.balance_transaction(
        account.new_id("txn"), kind="adjustment", source=dispute, amount=amount, fee=fee, created=account.now()
    )
    account.put("balance_transaction", line)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], public(line)]
    account.put("dispute", dispute)
