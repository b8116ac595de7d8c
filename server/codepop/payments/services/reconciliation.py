"""Comparing the provider's lists with our books, in both directions (PAY-17).

Lost messages are made good by applying the state the list shows, with the same functions that messages use; what
contradicts our books is never applied but recorded as a break. Progress is kept page by page, so an outage only means
that the next run goes on where this one stopped. Two at once do no harm: the claim keeps them from doing the same work,
and applying twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, TypeVar

from django.db.models import Exists, F, OuterRef, Q, Sum

from codepop.core.db import transaction
from codepop.core.inbox import Message, receive
from codepop.core.log import get_logger
from codepop.gateways.payments import (
    EventKind,
    Intent,
    IntentStatus,
    Page,
    ProviderRefund,
    ProviderRefundStatus,
    Refused,
    Unavailable,
)
from codepop.gateways.payments.stripe import PROVIDER, gateway
from codepop.kit.clock import now
from codepop.payments.errors import Contradiction
from codepop.payments.models import (
    Account,
    BreakKind,
    LedgerEntry,
    LedgerKind,
    Payment,
    PaymentStatus,
    ReconciliationBreak,
    ReconciliationCursor,
    Refund,
)
from codepop.payments.services.breaks import BY_ITSELF, close_breaks, record_break
from codepop.payments.services.days import closed_days, compare_day, compare_doubtful_days
from codepop.payments.services.intents import apply_intent
from codepop.payments.services.refunds import apply_listed, failed_first

log = get_logger(__name__)

T = TypeVar("T")

OVERLAP: Final = timedelta(minutes=15)
"""Lists are read again so far back: what was being made while we looked may have been missed."""

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""The provider's clock may be ahead of ours by as much as a signature's may: what it just made bears a later time."""

FIRST_LOOK_BACK: Final = timedelta(days=30)
EVENTS_LOOK_BACK: Final = timedelta(days=3)
"""Stripe tries to deliver for three days."""

CLAIM: Final = timedelta(minutes=2)
PAGES = 20
"""At most so many pages of each list in one run: customers' payments share Stripe's rate limit."""
SINGLE_LOOKS = 25
SETTLES_AFTER: Final = timedelta(minutes=2)

INTENTS, REFUNDS, DAYS = "intents", "refunds", "days"


@dataclass
class Outcome:
    """What a run did. `complete` is False when the provider did not answer, or more pages wait for the next run."""

    compared: int = 0
    repaired: int = 0
    complete: bool = True


def reconcile(*, since: datetime | None = None) -> Outcome:
    """Compare what is new since the last run, or everything since a moment; harmless at any time, also at once."""
    outcome = Outcome()
    try:
        _walk(INTENTS, _read_intents, _compare_intents, since, outcome)
        _walk(REFUNDS, _read_refunds, _compare_refunds, since, outcome)
        _look_for_missing(outcome)
        _look_again_at_breaks(outcome)
        _compare_days(since, outcome)
    except Unavailable as error:
        log.warning("reconciliation_stopped", code=error.code)
        outcome.complete = False
    log.info("reconciled", compared=outcome.compared, repaired=outcome.repaired, complete=outcome.complete)
    return outcome


def fetch_undelivered() -> int:
    """Put messages that were not delivered into the inbox; returns how many were new. Raises Unavailable."""
    new = 0
    for event in gateway().undelivered_events(since=now() - EVENTS_LOOK_BACK):
        if event.kind != EventKind.OTHER and event.subject:
            new += receive(Message(PROVIDER, event.id, event.kind, event.subject, event.happened_at))
    return new


# --- walking a list ---------------------------------------------------------------------------------------------------


def _walk(
    name: str,
    read: Callable[[ReconciliationCursor], Page[T]],
    compare: Callable[[Sequence[T], datetime], int],
    since: datetime | None,
    outcome: Outcome,
) -> None:
    cursor = _claim(name, since)
    if cursor is None:
        outcome.complete = False
        return
    try:
        for _ in range(PAGES):
            seen_at = now()
            page = read(cursor)
            outcome.compared += len(page.items)
            outcome.repaired += compare(page.items, seen_at)
            if _advance(cursor, page.after):
                return
        outcome.complete = False
    finally:
        ReconciliationCursor.objects.filter(list=name).update(claimed_until=None)


def _claim(name: str, since: datetime | None) -> ReconciliationCursor | None:
    """Take the list for ourselves for a while, and open a span unless one is unfinished; None when another has it."""
    ReconciliationCursor.objects.bulk_create(
        [ReconciliationCursor(list=name, checked_until=now() - FIRST_LOOK_BACK)], ignore_conflicts=True
    )
    with transaction():
        cursor = ReconciliationCursor.objects.select_for_update().get(list=name)
        if cursor.claimed_until and cursor.claimed_until > now():
            return None
        cursor.claimed_until = now() + CLAIM
        if since is not None:
            cursor.checked_until, cursor.span_until, cursor.after = min(since, cursor.checked_until), None, ""
        cursor.span_until = cursor.span_until or now()
        cursor.save()
    return cursor


def _advance(cursor: ReconciliationCursor, after: str) -> bool:
    """Keep how far we came; says whether the span is done."""
    cursor.after = after
    cursor.claimed_until = now() + CLAIM
    if not after:
        cursor.checked_until, cursor.span_until = cursor.span_until or cursor.checked_until, None
        cursor.finished_at = now()
    cursor.save()
    return not after


def _span(cursor: ReconciliationCursor) -> tuple[datetime, datetime]:
    return cursor.checked_until - OVERLAP, (cursor.span_until or now()) + CLOCKS_DIFFER


def _read_intents(cursor: ReconciliationCursor) -> Page[Intent]:
    since, until = _span(cursor)
    return gateway().page_of_intents(since=since, until=until, after=cursor.after)


def _read_refunds(cursor: ReconciliationCursor) -> Page[ProviderRefund]:
    since, until = _span(cursor)
    return gateway().page_of_refunds(since=since, until=until, after=cursor.after)


# --- charges ----------------------------------------------------------------------------------------------------------


def _compare_intents(intents: Sequence[Intent], seen_at: datetime) -> int:
    """Apply what messages should have told; returns how many payments that changed."""
    known = Payment.objects.in_bulk([intent.payment_id for intent in intents if intent.payment_id])
    repaired, agreeing = 0, []
    for intent in intents:
        payment = known.get(intent.payment_id) if intent.payment_id else None
        if payment is None:
            _compare_unknown(intent)
        elif _differs(payment, intent):
            continue
        elif _needs_applying(payment, intent):
            repaired += _apply(payment, intent, seen_at)
        elif payment.status == PaymentStatus.SUCCEEDED:
            agreeing.append(payment)
    _check_ledger(agreeing)
    return repaired


def _compare_unknown(intent: Intent) -> None:
    """Money in our account that no row of ours explains. What is not charged is nobody's business."""
    if intent.captured_cents:
        theirs = f"{intent.captured_cents} {intent.currency}"
        record_break(kind=BreakKind.UNKNOWN_CHARGE, subject=intent.id, ours="nothing", theirs=theirs)


def _differs(payment: Payment, intent: Intent) -> bool:
    """Record what can't be applied: another amount or currency, a second charge, a success the provider denies."""
    if payment.intent_id and payment.intent_id != intent.id:
        if intent.captured_cents:  # an unused second intent can't be paid: its secret was never handed out
            _charge_differs(payment, intent, ours=f"charged by {payment.intent_id}")
        return True
    if (payment.amount_cents, payment.currency) != (intent.amount_cents, intent.currency) or (
        intent.status == IntentStatus.SUCCEEDED and intent.captured_cents != payment.amount_cents
    ):
        _charge_differs(payment, intent, ours=f"{payment.amount_cents} {payment.currency}")
        return True
    if payment.status == PaymentStatus.SUCCEEDED and intent.status != IntentStatus.SUCCEEDED:
        _charge_differs(payment, intent, ours=payment.status)
        return True
    if payment.status == PaymentStatus.CANCELLED and intent.status == IntentStatus.SUCCEEDED:
        _charge_differs(payment, intent, ours=payment.status)
        return True
    return False


def _charge_differs(payment: Payment, intent: Intent, *, ours: str) -> None:
    theirs = f"{intent.status}, {intent.captured_cents} of {intent.amount_cents} {intent.currency}"
    record_break(kind=BreakKind.CHARGE_DIFFERS, subject=intent.id, ours=ours, theirs=theirs, payment_id=payment.id)


def _needs_applying(payment: Payment, intent: Intent) -> bool:
    final = intent.status in (IntentStatus.SUCCEEDED, IntentStatus.CANCELLED)
    return payment.intent_id is None or (final and payment.status != intent.status.value)


def _apply(payment: Payment, intent: Intent, seen_at: datetime) -> int:
    try:
        with transaction():
            applied = apply_intent(payment_id=payment.id, intent=intent, seen_at=seen_at)
    except Contradiction as error:
        _charge_differs(payment, intent, ours=error.detail)
        return 0
    return int(applied.status != payment.status)


def _check_ledger(payments: Sequence[Payment]) -> None:
    """Compare what the ledger says Stripe owes us for each charge, and mark those that agree."""
    rows = LedgerEntry.objects.filter(
        transaction__payment__in=payments, transaction__kind=LedgerKind.CHARGE, account=Account.STRIPE_RECEIVABLE
    )
    booked = dict(rows.values_list("transaction__payment").annotate(Sum("amount_cents")))
    agree = []
    for payment in payments:
        if booked.get(payment.id) == payment.amount_cents:
            agree.append(payment.id)
        else:
            record_break(
                kind=BreakKind.LEDGER_DIFFERS,
                subject=payment.intent_id or str(payment.id),
                ours=f"{booked.get(payment.id, 0)} {payment.currency} booked",
                theirs=f"{payment.amount_cents} {payment.currency}",
                payment_id=payment.id,
            )
    Payment.objects.filter(id__in=agree).update(reconciled_at=now())


def _look_for_missing(outcome: Outcome) -> None:
    """Ask for charges of ours that no list has shown: the provider may not know them at all."""
    left = Payment.objects.filter(
        status=PaymentStatus.SUCCEEDED, reconciled_at=None, succeeded_at__lt=now() - SETTLES_AFTER
    )
    # What has a break is looked at with those; what a person closed as it is stays so. Neither holds up the others.
    known = ReconciliationBreak.objects.filter(payment=OuterRef("id"), subject=OuterRef("intent_id"))
    left = left.exclude(Exists(known.exclude(resolved_by=BY_ITSELF)))
    for payment in left.order_by("succeeded_at")[:SINGLE_LOOKS]:
        _look_at_charge(payment)
        outcome.compared += 1


def _look_at_charge(payment: Payment) -> None:
    seen_at = now()
    try:
        intent = gateway().fetch_intent(intent_id=payment.intent_id or "")
    except Refused as error:
        record_break(
            kind=BreakKind.MISSING_CHARGE,
            subject=payment.intent_id or str(payment.id),
            ours=f"{payment.status}, {payment.amount_cents} {payment.currency}",
            theirs=error.code,
            payment_id=payment.id,
        )
        return
    _compare_intents([intent], seen_at)


# --- refunds ----------------------------------------------------------------------------------------------------------


def _compare_refunds(refunds: Sequence[ProviderRefund], seen_at: datetime) -> int:
    """Apply refunds that messages should have told of, those made by hand too; returns how many changed."""
    paid = {p.intent_id for p in Payment.objects.filter(intent_id__in={one.intent_id for one in refunds})}
    settled = dict(
        Refund.objects.filter(provider_refund_id__in=[one.id for one in refunds]).values_list(
            "provider_refund_id", "status"
        )
    )
    open_breaks = ReconciliationBreak.objects.filter(subject__in=[one.id for one in refunds], resolved_at=None)
    doubted = set(open_breaks.values_list("subject", flat=True))
    repaired, agreeing = 0, []
    for one in failed_first(refunds):
        if one.intent_id not in paid:
            if one.status != ProviderRefundStatus.FAILED:
                _refund_break(BreakKind.UNKNOWN_REFUND, one, ours="nothing")
        elif settled.get(one.id) != one.status.value:
            repaired += apply_listed(answer=one, seen_at=seen_at)
        else:
            agreeing.append(one)
    lacking = _unbooked(agreeing)
    for one in agreeing:
        if one.id in lacking:
            _refund_break(BreakKind.LEDGER_DIFFERS, one, ours=f"{lacking[one.id]} {one.currency} booked")
        elif one.id in doubted:
            close_breaks(subject=one.id)
    return repaired


def _unbooked(refunds: Sequence[ProviderRefund]) -> dict[str, int]:
    """Return the refunds for which our ledger holds another amount than went back, with that amount."""
    rows = Refund.objects.filter(provider_refund_id__in=[one.id for one in refunds])
    ids = dict(rows.values_list("provider_refund_id", "id"))
    keys = [f"{kind}:{refund_id}" for refund_id in ids.values() for kind in ("refund", "refund_failed")]
    entries = LedgerEntry.objects.filter(transaction__key__in=keys, account=Account.STRIPE_RECEIVABLE)
    booked: Counter[str] = Counter()
    for key, cents in entries.values_list("transaction__key", "amount_cents"):
        booked[key.partition(":")[2]] -= cents
    back = {one.id: one.amount_cents if one.status == ProviderRefundStatus.SUCCEEDED else 0 for one in refunds}
    here = {one: booked[str(ids[one])] for one in back}
    return {one: here[one] for one, cents in back.items() if here[one] != cents}


def _refund_break(kind: BreakKind, one: ProviderRefund, *, ours: str) -> None:
    record_break(kind=kind, subject=one.id, ours=ours, theirs=f"{one.status}, {one.amount_cents} {one.currency}")


# --- days -------------------------------------------------------------------------------------------------------------


def _compare_days(since: datetime | None, outcome: Outcome) -> None:
    """Compare the sums of the days that have ended since the last run; another run at the same time does it as well."""
    cursor = _claim(DAYS, since)
    if cursor is None:
        outcome.complete = False
        return
    try:
        first = Payment.objects.filter(status=PaymentStatus.SUCCEEDED).order_by("created_at").first()
        for day in closed_days(max(cursor.checked_until, first.created_at)) if first else ():
            outcome.compared += compare_day(day)
            cursor.checked_until = datetime.combine(day + timedelta(days=1), time(), UTC)
            cursor.finished_at = now()
            cursor.save(update_fields=["checked_until", "finished_at"])
        compare_doubtful_days()
    finally:
        ReconciliationCursor.objects.filter(list=DAYS).update(claimed_until=None, span_until=None)


# --- breaks -----------------------------------------------------------------------------------------------------------


def _look_again_at_breaks(outcome: Outcome) -> None:
    """Close the breaks whose cause is gone; first those not looked at for longest, so that none waits for ever."""
    before = now() - SETTLES_AFTER
    rows = ReconciliationBreak.objects.filter(
        Q(looked_at=None) | Q(looked_at__lt=before), last_seen_at__lt=before, resolved_at=None
    ).filter(subject=F("payment__intent_id"))
    in_turn = rows.select_related("payment").order_by(F("looked_at").asc(nulls_first=True), "last_seen_at")
    for row in in_turn[:SINGLE_LOOKS]:
        assert row.payment is not None  # its intent is the subject
        ReconciliationBreak.objects.filter(id=row.id).update(looked_at=now())
        Payment.objects.filter(id=row.payment.id).update(reconciled_at=None)
        _look_at_charge(row.payment)
        outcome.compared += 1
        if Payment.objects.filter(id=row.payment.id, reconciled_at__isnull=False).exists():
            close_breaks(subject=row.subject)
