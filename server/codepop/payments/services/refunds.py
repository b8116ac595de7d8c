"""Giving money back: at most once for each reason, never more than was charged, settled only by the provider's word."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from codepop.core.db import transaction, transaction_required
from codepop.core.events import publish
from codepop.core.jobs import defer, defer_once
from codepop.core.log import get_logger
from codepop.gateways.payments import ProviderRefund, ProviderRefundStatus, Refused, Unknown
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.payments import ledger
from codepop.payments.errors import Contradiction, MoreThanCharged
from codepop.payments.events import RefundSettled
from codepop.payments.models import (
    OPEN_DISPUTES,
    BreakKind,
    DisputeState,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from codepop.payments.services.breaks import record_break
from codepop.payments.services.intents import ARRIVED_BY

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
    if refund.status in (*_SETTLED, RefundStatus.REQUESTED):
        return refund
    seen_at = now()
    try:
        answer = _send(payment, refund) if first else (_find(payment, refund) or _send_again(payment, refund, seen_at))
    except Refused as error:
        log.error("refund_refused", refund=str(refund.id), code=error.code, request=error.request_id)
        return _after_refusal(payment, refund, code=error.code)
    if answer is None:
        return refund
    with transaction():
        return apply_refund(answer=answer, seen_at=seen_at)


def _after_refusal(payment: Payment, refund: Refund, *, code: str) -> Refund:
    """Take in what was refunded by others meanwhile, which may leave less for this refund, and try once more."""
    asked = refund.amount_cents
    seen_at = now()
    listed = failed_first(gateway().list_refunds(intent_id=payment.intent_id or ""))
    doubted = [one.id for one in listed if not apply_listed(answer=one, seen_at=seen_at)]
    refund.refresh_from_db()
    if refund.status != RefundStatus.PENDING or refund.provider_refund_id:
        return refund
    if refund.amount_cents == asked:
        # What is in doubt may be what left no room: until that is known, nothing says that this one can't be given.
        return refund if doubted else _give_up(refund, code=code)
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
    if is_disputed(payment):
        # The bank holds the money: giving it back as well would pay twice. Looked at again until that is decided.
        return payment, refund, False
    left = max(0, payment.amount_cents - payment.refunding_cents - lost_cents(payment))
    refund.amount_cents = left if refund.wanted_cents is None else min(refund.wanted_cents, left)
    refund.sent_at = now()
    refund.status = RefundStatus.PENDING if refund.amount_cents else RefundStatus.NOTHING
    refund.save(update_fields=["amount_cents", "sent_at", "status"])
    payment.refunding_cents += refund.amount_cents
    payment.save(update_fields=["refunding_cents"])
    return payment, refund, True


def is_disputed(payment: Payment) -> bool:
    """Say whether a bank holds this payment's money until a dispute is decided."""
    return payment.disputes.filter(state__in=OPEN_DISPUTES, inquiry=False).exists()


def lost_cents(payment: Payment) -> int:
    """Return what banks have kept of this payment."""
    return sum(payment.disputes.filter(state=DisputeState.LOST).values_list("amount_cents", flat=True))


def _send(payment: Payment, refund: Refund) -> ProviderRefund:
    # The amount is part of the key, since it may shrink and a key must not be used for two different requests.
    again = f":{refund.attempt}" if refund.attempt > 1 else ""
    return gateway().refund(
        intent_id=payment.intent_id or "",
        refund_id=refund.id,
        amount_cents=refund.amount_cents,
        key=f"codepop:refund:{refund.id}:{refund.amount_cents}{again}",
    )


def _send_again(payment: Payment, refund: Refund, looked_at: datetime) -> ProviderRefund | None:
    """Ask once more for what the provider, looked at from `looked_at` on, doesn't know; None leaves it for later.

    The same key is safe at any time. A new one, taken when the first gives no answer (a stored 5xx), waits until no
    earlier request can be on its way any more: otherwise both might be carried out.
    """
    asked_at = refund.sent_at
    if refund.attempt > 1 and asked_at and asked_at > looked_at - ARRIVED_BY:
        return None
    row = Refund.objects.filter(id=refund.id, attempt=refund.attempt, status=RefundStatus.PENDING)
    if not row.update(sent_at=now()):
        return None
    try:
        return _send(payment, refund)
    except Unknown:
        row.update(attempt=refund.attempt + 1)
        raise


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
    if refund.provider_refund_id not in (None, answer.id):
        raise Contradiction(
            f"refund {answer.id} was asked for once and is there as {refund.provider_refund_id} already"
        )
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


def failed_first(newest_first: Iterable[ProviderRefund]) -> list[ProviderRefund]:
    """Order a list of the provider's so that what came back makes room before what was given back takes it."""
    oldest_first = list(newest_first)[::-1]
    return sorted(oldest_first, key=lambda one: one.status != ProviderRefundStatus.FAILED)


def require_certain(answer: ProviderRefund) -> None:
    """Raise Contradiction unless the charge confirms a refund that was made by hand and is new to us.

    Nothing of ours says how much it is, and what it takes is missing for our own, so that one wrong answer would
    leave somebody without a part of their money for good.
    """
    if answer.refund_id or Refund.objects.filter(provider_refund_id=answer.id).exists():
        return
    charge_id = Payment.objects.values_list("last_charge_id", flat=True).get(intent_id=answer.intent_id)
    known = gateway().list_refunds(intent_id=answer.intent_id)
    charge = gateway().fetch_charge(charge_id=charge_id or "")
    came_back = sum(one.amount_cents for one in known if one.status == ProviderRefundStatus.FAILED)
    given = sum(one.amount_cents for one in known) - came_back
    listed = {one.id: (one.amount_cents, one.currency) for one in known}
    if listed.get(answer.id) != (answer.amount_cents, answer.currency):
        raise Contradiction(f"refund {answer.id} over {answer.amount_cents} {answer.currency} looks different again")
    if charge.refunded_cents not in (given, given + came_back):
        raise Contradiction(f"the charge says {charge.refunded_cents} were given back, its refunds say {given}")


def apply_listed(*, answer: ProviderRefund, seen_at: datetime) -> bool:
    """Apply a refund of a list; one that contradicts our books waits for a person and stops no other.

    Looks again at the charge's other refunds when there is no room for it: one may have come back unheard.
    """
    try:
        require_certain(answer)
        with transaction():
            apply_refund(answer=answer, seen_at=seen_at)
    except MoreThanCharged as error:
        return _make_room(answer, error)
    except (Contradiction, Refund.DoesNotExist) as error:
        _record(answer, error)
        return False
    return True


def _make_room(answer: ProviderRefund, error: MoreThanCharged) -> bool:
    seen_at = now()
    known = gateway().list_refunds(intent_id=answer.intent_id)
    failed = [one for one in failed_first(known) if one.status == ProviderRefundStatus.FAILED]
    latest = next((one for one in known if one.id == answer.id), answer)
    for one in failed:
        apply_listed(answer=one, seen_at=seen_at)
    try:
        with transaction():
            apply_refund(answer=latest, seen_at=seen_at)
    except Contradiction:
        _record(answer, error)
        return False
    return True


def _record(answer: ProviderRefund, error: Contradiction | Refund.DoesNotExist) -> None:
    kind, ours = BreakKind.UNKNOWN_REFUND, "no such refund was asked for"
    if isinstance(error, Contradiction):
        kind, ours = BreakKind.REFUND_DIFFERS, error.detail
    theirs = f"{answer.status}, {answer.amount_cents} {answer.currency}"
    record_break(kind=kind, subject=answer.id, ours=ours, theirs=theirs)


def _row_of(payment: Payment, answer: ProviderRefund) -> Refund:
    rows = Refund.objects.select_for_update().filter(payment=payment)
    if answer.refund_id:
        return rows.get(id=answer.refund_id)
    return rows.filter(provider_refund_id=answer.id).first() or _adopt(payment, answer)


def _adopt(payment: Payment, answer: ProviderRefund) -> Refund:
    """Take a refund made at the provider into our books; our own that are on their way shrink to what is left."""
    failed = answer.status == ProviderRefundStatus.FAILED
    over = 0 if failed else payment.refunding_cents + answer.amount_cents - payment.amount_cents
    for ours in payment.refunds.select_for_update().filter(status=RefundStatus.PENDING, provider_refund_id=None):
        less = max(0, min(over, ours.amount_cents))
        ours.amount_cents -= less
        ours.status = RefundStatus.PENDING if ours.amount_cents else RefundStatus.NOTHING
        ours.save(update_fields=["amount_cents", "status"])
        payment.refunding_cents -= less
        over -= less
    if over > 0:
        raise MoreThanCharged(f"refund {answer.id} exceeds what is left by {over} {answer.currency}")
    payment.refunding_cents += answer.amount_cents
    if not failed:  # what has come back already needs no room, and is taken off again at once
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
