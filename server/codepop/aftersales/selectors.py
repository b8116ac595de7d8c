"""Queries on what was made good."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from codepop.aftersales.limits import DAY, Staff, limit_of
from codepop.aftersales.models import Amends, Batch, BatchItem, BatchState, Cause, State
from codepop.kit.clock import now

CAUSES: Sequence[tuple[str, str]] = [(one.value, str(one.label)) for one in Cause]


@dataclass(frozen=True)
class AmendsView:
    """One making good, for staff; `drinks` maps lines to counts."""

    id: UUID
    order_id: UUID
    store_id: UUID
    kind: str
    cause: str
    note: str
    amount_cents: int
    currency: str
    state: str
    state_text: str
    asked_at: datetime
    asked_by: UUID | None
    asked_role: str
    decided_by: UUID | None
    remake_id: UUID | None
    drinks: dict[UUID, int]


def amends_of(order_id: UUID) -> list[AmendsView]:
    """Return what was made good of an order, oldest first; two queries."""
    return _views(Amends.objects.filter(order_id=order_id).order_by("id"))


def waiting(store_ids: Iterable[UUID]) -> list[AmendsView]:
    """Return what waits for a second person in these stores, oldest first; two queries."""
    return _views(Amends.objects.filter(store_id__in=list(store_ids), state=State.WAITING).order_by("id")[:100])


def given_lately(user_id: UUID, *, but: UUID | None = None) -> int:
    """Return what left the till on this person's word within the last 24 hours, `but` one batch.

    That is what they gave by themselves, what they approved of others, and the batches they started: one limit a day
    for all of it. What another person approved counts against that other person.
    """
    since = now() - DAY
    word = Q(asked_by_id=user_id, decided_by=None, created_at__gt=since)
    word |= Q(decided_by_id=user_id, decided_at__gt=since)
    amends = Amends.objects.filter(word, state__in=(State.GRANTED, State.BROKEN))
    batches = Batch.objects.filter(started_by_id=user_id, started_at__gt=since)
    if but is not None:
        batches = batches.exclude(id=but)
    both = amends.aggregate(sum=Sum("amount_cents")), batches.aggregate(sum=Sum("total_cents"))
    return sum(one["sum"] or 0 for one in both)


def reaches(by: Staff, *, amount_cents: int, but: UUID | None = None) -> bool:
    """Say whether this person's own word is enough for an amount now; `but` is a batch that is not counted."""
    return limit_of(by.role).allows(amount_cents=amount_cents, given_cents=given_lately(by.user_id, but=but))


def store_of(amends_id: UUID) -> UUID | None:
    """Return whose books a making good concerns."""
    return Amends.objects.filter(id=amends_id).values_list("store_id", flat=True).first()


def _views(rows: Iterable[Amends]) -> list[AmendsView]:
    found = list(rows)
    drinks: dict[UUID, dict[UUID, int]] = {one.id: {} for one in found}
    links = Amends.objects.filter(id__in=list(drinks), drinks__isnull=False)
    for amends_id, line, count in links.values_list("id", "drinks__line_id", "drinks__quantity"):
        drinks[amends_id][line] = count
    return [
        AmendsView(
            id=one.id,
            order_id=one.order_id,
            store_id=one.store_id,
            kind=one.kind,
            cause=str(Cause(one.cause).label),
            note=one.note,
            amount_cents=one.amount_cents,
            currency=one.currency,
            state=one.state,
            state_text=str(State(one.state).label),
            asked_at=one.created_at,
            asked_by=one.asked_by_id,
            asked_role=one.asked_role,
            decided_by=one.decided_by_id,
            remake_id=one.remake_id,
            drinks=drinks[one.id],
        )
        for one in found
    ]


@dataclass(frozen=True)
class BatchView:
    """A batch and how far it is."""

    id: UUID
    store_id: UUID
    since: datetime
    until: datetime
    cause: str
    urgent: bool
    state: str
    state_text: str
    total_cents: int
    currency: str
    orders: int
    given: int
    refused: int

    @property
    def percent(self) -> int:
        """Return how much of it was looked at."""
        return 100 * (self.given + self.refused) // self.orders if self.orders else 0


def batches(store_ids: Iterable[UUID]) -> list[BatchView]:
    """Return the latest batches of these stores."""
    return _batches(Batch.objects.filter(store_id__in=list(store_ids)))


def find_batch(batch_id: UUID) -> BatchView | None:
    """Return one batch."""
    return next(iter(_batches(Batch.objects.filter(id=batch_id))), None)


def batch_refusals(batch_id: UUID) -> list[tuple[UUID, str]]:
    """Return the orders of a batch that got nothing, with the reason's code."""
    rows = BatchItem.objects.filter(batch_id=batch_id).exclude(outcome__in=["", "given"]).order_by("id")
    return list(rows.values_list("order_id", "outcome")[:200])


def _batches(rows: QuerySet[Batch]) -> list[BatchView]:
    given, seen = Q(items__outcome="given"), ~Q(items__outcome="")
    counted = rows.annotate(orders=Count("items"), given=Count("items", filter=given), seen=Count("items", filter=seen))
    return [
        BatchView(
            id=one.id,
            store_id=one.store_id,
            since=one.since,
            until=one.until,
            cause=str(Cause(one.cause).label),
            urgent=one.urgent,
            state=one.state,
            state_text=str(BatchState(one.state).label),
            total_cents=one.total_cents,
            currency=one.currency,
            orders=one.orders,
            given=one.given,
            refused=one.seen - one.given,
        )
        for one in counted.order_by("-id")[:50]
    ]


def asker_of(amends_id: UUID) -> UUID | None:
    """Return who asked to make something good, None when they have no account any more."""
    return Amends.objects.values_list("asked_by_id", flat=True).get(id=amends_id)
