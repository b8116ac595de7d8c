"""Giving money back: at most once for each reason, never more than was charged, settled only by the provider's word."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from codepop.core.db import transaction, transaction_required
from codepop.core.events import publish
from codepop.core.jobs import defer, defer_once
from codepop.core.log import get_logger
from codepop.gateways.payments import ProviderRefund, ProviderRefundStatus, Refused
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.payments import ledger
from codepop.payments.errors import Contradiction
from codepop.payments.events import RefundSettled
from codepop.payments.models import Payment, PaymentStatus, Refund, RefundStatus

log = get_logger(__name__)

STALE_AFTER = timedelta(minutes=1)
OPEN_STATUSES = (RefundStatus.REQUESTED, RefundStatus.PENDING)
_SETTLED = (RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.NOTHING)


@transaction_required
def request_refund(*, reference: UUID, amount_cents: int | None, reason: str, actor: str) -> UUID:
    """Record that money is to be given back and add the job that does it; None gives back all that is left.

    The same reason for the same payment is one refund, however often it is asked for. Takes no lock.
    """
    payment_id = Payment.objects.values_list("id", flat=True).get(reference=reference, status=PaymentStatus.SUCCEEDED)
    refund = Refund(payment_id=payment_id, reason_key=reason, wanted_cents=amount_cents, actor=actor)
    Refund.objects.bulk_create([refund], ignore_conflicts=True)
    defer("payments.run_refund", payment_id=str(payment_id), reason=reason)
    return payment_id


def run_refund(*, payment_id: UUID, reason: str) -> Refund:
    """Carry a requested refund out, or look at how it went. Raises Unavailable or Unknown: call it again."""
    with transaction():
        payment, refund, first = _reserve_amount(payment_id, reason)
    if refund.status in _SETTLED:
        return refund
    seen_at = now()
    try:
        answer = _send(payment, refund) if first else (_find(payment, refund) or _send(payment, refund))
    except Refused as error:
        log.error("refund_refused", refund=str(refund.id), code=error.code, request=error.request_id)
        return _after_refusal(payment, refund, code=error.code)
    with transaction():
        return apply_refund(answer=answer, seen_at=seen_at)


def _after_refusal(payment: Payment, refund: Refund, *, code: str) -> Refund:
    """Take in what was refunded by others meanwhile, which may leave less for this refund, and try once more."""
    asked = refund.amount_cents
    seen_at = now()
    known = gateway().list_refunds(intent_id=payment.intent_id or "")
    with transaction():
        for one in known:
            apply_refund(answer=one, seen_at=seen_at)
    refund.refresh_from_db()
    if refund.status != RefundStatus.PENDING or refund.provider_refund_id:
        return refund
    if refund.amount_cents == asked:
        return _give_up(refund, code=code)
    seen_at = now()
    try:
        answer = _send(payment, refund)
    except Refused as error:
        return _give_up(refund, code=error.code)
    with transaction():
        return apply_refund(answer=answer, seen_at=seen_at)


def _reserve_amount(payment_id: UUID, reason: str) -> tuple[Payment, Refund, bool]:
    """Fix the refund's amount within what is left of the payment; says whether this is the first try."""
    payment = Payment.objects.select_for_update(no_key=True).get(id=payment_id)
    refund = Refund.objects.select_for_update().get(payment_id=payment_id, reason_key=reason)
    if refund.status != RefundStatus.REQUESTED:
        return payment, refund, False
    left = payment.amount_cents - payment.refunding_cents
    refund.amount_cents = left if refund.wanted_cents is None else min(refund.wanted_cents, left)
    refund.sent_at = now()
    refund.status = RefundStatus.PENDING if refund.amount_cents else RefundStatus.NOTHING
    refund.save(update_fields=["amount_cents", "sent_at", "status"])
    payment.refunding_cents += refund.amount_cents
    payment.save(update_fields=["refunding_cents"])
    return payment, refund, True


def _send(payment: Payment, refund: Refund) -> ProviderRefund:
    # The amount is part of the key, since it may shrink and a key must not be used for two different requests.
    return gateway().refund(
        intent_id=payment.intent_id or "",
        refund_id=refund.id,
        amount_cents=refund.amount_cents,
        key=f"codepop:refund:{refund.id}:{refund.amount_cents}",
    )


def _find(payment: Payment, refund: Refund) -> ProviderRefund | None:
    if refund.provider_refund_id:
        return gateway().fetch_refund(provider_refund_id=refund.provider_refund_id)
    known = gateway().list_refunds(intent_id=payment.intent_id or "")
    return next((one for one in known if one.refund_id == refund.id), None)


def _give_up(refund: Refund, *, code: str) -> Refund:
    with transaction():
        payment = Payment.objects.select_for_update(no_key=True).get(id=refund.payment_id)
        refund = Refund.objects.select_for_update().get(id=refund.id)
        if refund.status == RefundStatus.PENDING and refund.provider_refund_id is None:
            _fail(payment, refund, code=code)
    return refund


@transaction_required
def apply_refund(*, answer: ProviderRefund, seen_at: datetime) -> Refund:
    """Apply what the provider showed of a refund; one that was made by hand at the provider is taken into the books.

    Publishes RefundSettled when it ends. Raises Contradiction, and Payment.DoesNotExist for a charge not ours.
    """
    payment = Payment.objects.select_for_update(no_key=True).get(intent_id=answer.intent_id)
    refund = _row_of(payment, answer)
    if refund.status == RefundStatus.FAILED or (refund.observed_at and seen_at < refund.observed_at):
        return refund
    if (answer.amount_cents, answer.currency) != (refund.amount_cents, payment.currency):
        raise Contradiction(f"refund {answer.id} is over {answer.amount_cents} {answer.currency}")
    refund.provider_refund_id = answer.id
    refund.observed_at = seen_at
    if answer.status == ProviderRefundStatus.FAILED:
        _fail(payment, refund, code=answer.failure_code or "unknown")
    elif answer.status == ProviderRefundStatus.SUCCEEDED and refund.status != RefundStatus.SUCCEEDED:
        refund.status, refund.settled_at = RefundStatus.SUCCEEDED, now()
        refund.save(update_fields=["provider_refund_id", "observed_at", "status", "settled_at"])
        ledger.book_refund(payment=payment, refund=refund, at=seen_at)
        publish(RefundSettled(refund_id=refund.id, reference=payment.reference, status=refund.status))
    else:
        refund.save(update_fields=["provider_refund_id", "observed_at"])
    return refund


def _row_of(payment: Payment, answer: ProviderRefund) -> Refund:
    rows = Refund.objects.select_for_update().filter(payment=payment)
    if answer.refund_id:
        return rows.get(id=answer.refund_id)
    return rows.filter(provider_refund_id=answer.id).first() or _adopt(payment, answer)


def _adopt(payment: Payment, answer: ProviderRefund) -> Refund:
    """Take a refund made at the provider into our books; our own that are on their way shrink to what is left."""
    over = payment.refunding_cents + answer.amount_cents - payment.amount_cents
    for ours in payment.refunds.select_for_update().filter(status=RefundStatus.PENDING, provider_refund_id=None):
        less = max(0, min(over, ours.amount_cents))
        ours.amount_cents -= less
        ours.status = RefundStatus.PENDING if ours.amount_cents else RefundStatus.NOTHING
        ours.save(update_fields=["amount_cents", "status"])
        payment.refunding_cents -= less
        over -= less
    payment.refunding_cents += answer.amount_cents
    payment.save(update_fields=["refunding_cents"])
    return Refund.objects.create(
        payment=payment,
        reason_key=f"provider:{answer.id}"[:60],
        wanted_cents=answer.amount_cents,
        amount_cents=answer.amount_cents,
        status=RefundStatus.PENDING,
        actor="provider",
        sent_at=now(),
        provider_refund_id=answer.id,
    )


def _fail(payment: Payment, refund: Refund, *, code: str) -> None:
    """End a refund as failed: its amount is free again, and what was booked is taken back."""
    if refund.status == RefundStatus.SUCCEEDED:
        ledger.book_refund_failed(payment=payment, refund=refund, at=now())
    payment.refunding_cents -= refund.amount_cents
    payment.save(update_fields=["refunding_cents"])
    refund.status, refund.failure_code, refund.settled_at = RefundStatus.FAILED, code[:60], now()
    refund.save(update_fields=["provider_refund_id", "observed_at", "status", "failure_code", "settled_at"])
    log.error("refund_failed", refund=str(refund.id), code=code)
    publish(RefundSettled(refund_id=refund.id, reference=payment.reference, status=refund.status))


def rerun_stale() -> int:
    """Look again at refunds asked for or sent a while ago and not settled; returns how many jobs were added.

    In no order, so that those which stay pending for days don't keep the others from being looked at.
    """
    before = now() - STALE_AFTER
    sent = Q(status=RefundStatus.PENDING, sent_at__lt=before)
    never_sent = Q(status=RefundStatus.REQUESTED, created_at__lt=before)
    added = [
        defer_once(
            "payments.run_refund",
            key=f"refund:{refund.id}",
            payment_id=str(refund.payment_id),
            reason=refund.reason_key,
        )
        for refund in Refund.objects.filter(sent | never_sent).order_by("?")[:25]
    ]
    return sum(added)
