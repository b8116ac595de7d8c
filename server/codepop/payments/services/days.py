"""The sums of a day: what the provider's balance moved for each store, and what our ledger booked for it (PAY-17).

Charges, refunds and disputes are compared one by one by reconciliation. A sum finds what no single comparison asks for:
an entry under another store, one made twice under two keys, one with nothing behind it. Days are UTC's, as in the
provider's own reports. What we booked for a movement counts on the movement's day, however late its message came; what
has no movement counts on the day on which we booked it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from codepop.gateways.payments import PayoutMovement
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.payments.models import (
    Account,
    BreakKind,
    Dispute,
    LedgerEntry,
    LedgerKind,
    Payment,
    ReconciliationBreak,
    Refund,
)
from codepop.payments.services.breaks import close_breaks, record_break

CLOSED_AFTER: Final = timedelta(hours=1)
"""By then the single comparisons have made good what messages of the day's last minutes should have told."""

LOOKED_AGAIN_AFTER: Final = timedelta(hours=1)
MOST_DAYS: Final = 31
LOOKS: Final = 25
"""At most so many entries of a day are asked for one by one; when more were booked late, whole days are read first."""

MOST_DAYS_LATE: Final = 3
"""So long the provider repeats a message."""

_WHOLE: Final = frozenset({"charge", "payment", "refund", "payment_refund", "refund_failure"})
"""Movements whose fee the ledger doesn't book (docs/money.md)."""

Place = tuple[UUID, str]
"""A store and a currency."""


@dataclass
class Sums:
    """One day's cents on both sides, by store and currency."""

    ours: Counter[Place] = field(default_factory=Counter)
    theirs: Counter[Place] = field(default_factory=Counter)
    stores: set[UUID] = field(default_factory=set)


def closed_days(since: datetime) -> list[date]:
    """Return the days from `since` on that are over, oldest first."""
    first, last = since.astimezone(UTC).date(), (now() - CLOSED_AFTER).astimezone(UTC).date()
    return [first + timedelta(days=number) for number in range(min(MOST_DAYS, max(0, (last - first).days)))]


def compare_day(day: date) -> int:
    """Compare a day's sums, open or close its breaks; returns how many stores had movements. Raises Unavailable."""
    sums = _sums(day, _movements(day))
    for store_id in sums.stores:
        _judge(f"{store_id}:{day}", store_id, sums)
    return len(sums.stores)


def compare_doubtful_days() -> int:
    """Look again at the days whose sums differed; returns how many. Raises Unavailable."""
    rows = ReconciliationBreak.objects.filter(
        kind=BreakKind.DAY_DIFFERS, resolved_at=None, last_seen_at__lt=now() - LOOKED_AGAIN_AFTER
    )
    days = {date.fromisoformat(subject.partition(":")[2]) for subject in rows.values_list("subject", flat=True)}
    for day in sorted(days):
        compare_day(day)
    return len(days)


def _judge(subject: str, store_id: UUID, sums: Sums) -> None:
    places = sorted(place for place in {*sums.ours, *sums.theirs} if place[0] == store_id)
    differing = [place for place in places if sums.ours[place] != sums.theirs[place]]
    if not differing:
        close_breaks(subject=subject)
        return
    ours = ", ".join(f"{sums.ours[place]} {place[1]} booked" for place in differing)
    theirs = ", ".join(f"{sums.theirs[place]} {place[1]} moved" for place in differing)
    record_break(kind=BreakKind.DAY_DIFFERS, subject=subject, ours=ours, theirs=theirs)


def _movements(day: date) -> list[PayoutMovement]:
    since = datetime.combine(day, time(), UTC)
    until, after = since + timedelta(days=1), ""
    found: list[PayoutMovement] = []
    while True:
        page = gateway().page_of_movements(since=since, until=until, after=after)
        found += [one for one in page.items if since <= one.created_at < until]
        after = page.after
        if not after:
            return found


# --- joining both sides -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Expected:
    """What the ledger must hold for a movement."""

    key: str
    payment_id: UUID
    place: Place
    cents: int


def _sums(day: date, movements: Sequence[PayoutMovement]) -> Sums:
    """Add up both sides, without what is open as a difference of its own."""
    doubted = set(
        ReconciliationBreak.objects.filter(resolved_at=None, payment__isnull=False).values_list("payment_id", flat=True)
    )
    subjects = set(ReconciliationBreak.objects.filter(resolved_at=None).values_list("subject", flat=True))
    sums = Sums()
    expected = list(_expected([one for one in movements if one.source not in subjects]))
    for one in expected:
        sums.stores.add(one.place[0])
        if one.payment_id not in doubted:
            sums.theirs[one.place] += one.cents
    for row in _booked([one.key for one in expected], day):
        sums.stores.add(row.place[0])
        if row.payment_id not in doubted:
            sums.ours[row.place] += row.cents
    return sums


def _expected(movements: Sequence[PayoutMovement]) -> Iterator[_Expected]:
    """Say what each movement that is ours must be booked as; other systems' movements on the account are left out."""
    sources = {one.source for one in movements if one.source}
    charges = {row.last_charge_id: row for row in Payment.objects.filter(last_charge_id__in=sources)}
    refunds = {row.provider_refund_id: row for row in _with_payment(Refund, "provider_refund_id", sources)}
    disputes = {row.provider_dispute_id: row for row in _with_payment(Dispute, "provider_dispute_id", sources)}
    for one in movements:
        cents = one.amount_cents if one.kind in _WHOLE else one.net_cents
        if payment := charges.get(one.source):
            key = f"charge:{payment.id}"
        elif refund := refunds.get(one.source):
            payment = refund.payment
            key = f"{'refund_failed' if one.kind == 'refund_failure' else 'refund'}:{refund.id}"
        elif dispute := disputes.get(one.source):
            payment, key = dispute.payment, f"dispute:{one.source}:{one.id}"[:80]
        else:
            continue
        yield _Expected(key, payment.id, (payment.store_id, one.currency), cents)


def _with_payment(model: type[Refund] | type[Dispute], name: str, ids: set[str]) -> list[Any]:
    return list(model.objects.filter(**{f"{name}__in": ids}).select_related("payment"))


def _booked(keys: Sequence[str], day: date) -> Iterator[_Expected]:
    """Return our entries for these keys, and those of the day that no movement of any day explains."""
    since = datetime.combine(day, time(), UTC)
    entries = LedgerEntry.objects.filter(account=Account.STRIPE_RECEIVABLE)
    ours = defaultdict(list)
    for one in _read(entries.filter(transaction__key__in=keys)):
        ours[one.key].append(one)
    yield from (one for rows in ours.values() for one in rows)
    of_day = entries.filter(transaction__happened_at__gte=since, transaction__happened_at__lt=since + timedelta(days=1))
    others = [one for one in _read(of_day.order_by("transaction_id")) if one.key not in ours]
    explained = _explained_elsewhere(others, day)
    yield from (one for one in others if one.key not in explained)


def _read(entries: QuerySet[LedgerEntry]) -> Iterator[_Expected]:
    names = ("transaction__key", "transaction__payment_id", "transaction__store_id", "currency", "amount_cents")
    for key, payment_id, store_id, currency, cents in entries.values_list(*names):
        yield _Expected(key, payment_id, (store_id, currency), cents)


def _explained_elsewhere(rows: Sequence[_Expected], day: date) -> set[str]:
    """Return the keys whose movement the provider made on another day.

    After an outage over midnight those are many: the days before are read until few are left to be asked for singly.
    """
    found: set[str] = set()
    left = list(rows)
    for back in range(1, MOST_DAYS_LATE + 1):
        if len(left) <= LOOKS:
            break
        found |= {expected.key for expected in _expected(_movements(day - timedelta(days=back)))}
        left = [one for one in left if one.key not in found]
    return found | _explained_by_source(left[:LOOKS])


def _explained_by_source(rows: Sequence[_Expected]) -> set[str]:
    payments = Payment.objects.in_bulk([one.payment_id for one in rows])
    found: set[str] = set()
    for one in rows:
        source = _source(one.key, payments[one.payment_id])
        if source:
            page = gateway().page_of_movements(source=source)
            found |= {expected.key for expected in _expected(page.items)} & {one.key}
    return found


def _source(key: str, payment: Payment) -> str:
    """Return the provider's id of what an entry was booked for, empty when we know none."""
    kind, _, rest = key.partition(":")
    if key == f"{LedgerKind.CHARGE}:{payment.id}":
        return payment.last_charge_id
    if kind in (LedgerKind.REFUND, LedgerKind.REFUND_FAILED):
        return next((one.provider_refund_id or "" for one in payment.refunds.all() if str(one.id) == rest), "")
    return rest.partition(":")[0] if kind == LedgerKind.DISPUTE else ""
