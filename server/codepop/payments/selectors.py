"""What others may know of a payment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from codepop.payments.models import (
    OPEN_DISPUTES,
    DisputeState,
    Payment,
    PaymentStatus,
    ReconciliationBreak,
    Refund,
    RefundStatus,
)

_SHOWN: Final[dict[str, str]] = {PaymentStatus.NEW: "none", PaymentStatus.CANCELLED: "none"}
_MESSAGES: Final[dict[str, str]] = {
    PaymentStatus.REQUIRES_ACTION: "Your bank wants to check that it is you. Follow its steps to finish.",
    PaymentStatus.PROCESSING: "Your bank is still working on it. This page changes as soon as it answers.",
}


@dataclass(frozen=True)
class PaymentView:
    """A payment as its payer sees it; `attempts` counts declined cards."""

    payment_id: UUID
    status: str
    message: str | None
    attempts: int


@dataclass(frozen=True)
class RefundView:
    """`reason` is a word such as `cancelled`; `provider` when it was made by hand there."""

    status: str
    amount_cents: int
    reason: str
    currency: str


def payment_view(payment: Payment) -> PaymentView:
    """Return the public side of a row at hand."""
    message = payment.failure_message or _MESSAGES.get(payment.status)
    return PaymentView(
        payment_id=payment.id,
        status=_SHOWN.get(payment.status, payment.status),
        message=message,
        attempts=payment.failures,
    )


def payment_for(reference: UUID) -> PaymentView | None:
    """Return the payment of what was ordered, without its secrets."""
    payment = Payment.objects.defer("client_secret").filter(reference=reference).first()
    return payment_view(payment) if payment else None


def payments_for(references: Iterable[UUID]) -> dict[UUID, PaymentView]:
    """Return the payments of several orders in one query."""
    rows = Payment.objects.defer("client_secret").filter(reference__in=list(references))
    return {row.reference: payment_view(row) for row in rows}


def refunds_for(references: Iterable[UUID]) -> dict[UUID, list[RefundView]]:
    """Return the refunds of each order that has any, oldest first, in one query.

    Until its amount is fixed a refund shows the amount that was asked for.
    """
    rows = Refund.objects.exclude(status=RefundStatus.NOTHING).filter(payment__reference__in=list(references))
    found: dict[UUID, list[RefundView]] = {}
    for row in rows.select_related("payment").order_by("id"):
        found.setdefault(row.payment.reference, []).append(_refund_view(row))
    return found


def is_disputed(reference: UUID) -> bool:
    """Say whether a bank holds the money of what was ordered until a dispute is decided."""
    rows = Payment.objects.filter(reference=reference, disputes__state__in=OPEN_DISPUTES, disputes__inquiry=False)
    return rows.exists()


def left_to_refund(reference: UUID) -> int:
    """Return what of a charge nobody has asked back yet, in minor units; 0 when nothing was charged.

    Under the lock of what was ordered the answer holds: all that CodePop itself asks for is asked under that lock.
    """
    payment = Payment.objects.filter(reference=reference, status=PaymentStatus.SUCCEEDED).first()
    if payment is None:
        return 0
    lost = payment.disputes.filter(state=DisputeState.LOST).values_list("amount_cents", flat=True)
    left = payment.amount_cents - payment.refunding_cents - sum(lost)
    for wanted in payment.refunds.filter(status=RefundStatus.REQUESTED).values_list("wanted_cents", flat=True):
        left -= left if wanted is None else wanted
    return max(0, left)


def refund_list(reference: UUID) -> list[RefundView]:
    """Return all refunds of what was ordered, oldest first."""
    rows = Refund.objects.exclude(status=RefundStatus.NOTHING).filter(payment__reference=reference)
    return [_refund_view(row) for row in rows.select_related("payment").order_by("id")]


def refund_by_id(refund_id: UUID) -> RefundView | None:
    """Return one refund."""
    row = Refund.objects.select_related("payment").filter(id=refund_id).first()
    return _refund_view(row) if row else None


def _refund_view(refund: Refund) -> RefundView:
    asked = refund.wanted_cents if refund.wanted_cents is not None else refund.payment.amount_cents
    return RefundView(
        status="pending" if refund.status == RefundStatus.REQUESTED else refund.status,
        amount_cents=refund.amount_cents or asked,
        reason=refund.reason_key.partition(":")[0],
        currency=refund.payment.currency,
    )


@dataclass(frozen=True)
class BreakView:
    """A difference between the provider's books and ours that waits for a person."""

    id: UUID
    kind: str
    subject: str
    payment_id: UUID | None
    store_id: UUID | None
    """None when no payment of ours is known: the whole chain's matter."""
    ours: str
    theirs: str
    first_seen_at: datetime
    last_seen_at: datetime


def open_breaks() -> list[BreakView]:
    """Return what reconciliation could not repair, oldest first."""
    rows = ReconciliationBreak.objects.filter(resolved_at=None).select_related("payment").order_by("id")
    return [
        BreakView(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            payment_id=row.payment_id,
            store_id=row.payment.store_id if row.payment else None,
            ours=row.ours,
            theirs=row.theirs,
            first_seen_at=row.created_at,
            last_seen_at=row.last_seen_at,
        )
        for row in rows
    ]


def count_unsettled(*, before: datetime) -> int:
    """Count payments and refunds that were sent to the provider before a moment and have not come to an end."""
    ended = [PaymentStatus.SUCCEEDED, PaymentStatus.CANCELLED]
    open_payments = Payment.objects.exclude(status__in=ended).filter(cancel_asked_at__lt=before)
    open_refunds = Refund.objects.filter(
        status__in=[RefundStatus.REQUESTED, RefundStatus.PENDING], created_at__lt=before
    )
    return open_payments.count() + open_refunds.count()
