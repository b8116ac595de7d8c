"""What others may know of a payment."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from codepop.payments.models import Payment, PaymentStatus, Refund, RefundStatus

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


def refund_for(reference: UUID) -> RefundView | None:
    """Return the latest refund of what was ordered; until its amount is fixed, the amount that was asked for."""
    return refunds_for([reference]).get(reference)


def refunds_for(references: Iterable[UUID]) -> dict[UUID, RefundView]:
    """Return the latest refund of each order that has one, in one query."""
    rows = Refund.objects.exclude(status=RefundStatus.NOTHING).filter(payment__reference__in=list(references))
    latest = rows.select_related("payment").order_by("id")
    return {row.payment.reference: _refund_view(row) for row in latest}


def _refund_view(refund: Refund) -> RefundView:
    asked = refund.wanted_cents if refund.wanted_cents is not None else refund.payment.amount_cents
    return RefundView(
        status="pending" if refund.status == RefundStatus.REQUESTED else refund.status,
        amount_cents=refund.amount_cents or asked,
        reason=refund.reason_key.partition(":")[0],
    )
