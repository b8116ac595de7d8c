"""Commands on stock. Each is one SQL statement that locks the levels in the order of their ingredients.

All run inside the caller's transaction and hold the locks of shared ingredients (cups, ice, a syrup) until it ends, so
call them as late in a transaction as possible. A refusal raises: the caller's transaction rolls back as a whole.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from codepop.core.audit import record_audit
from codepop.core.db import transaction_required
from codepop.core.events import publish
from codepop.core.statements import fetch
from codepop.inventory.errors import (
    AmountInvalid,
    CountBelowReserved,
    ReasonMissing,
    ReservationClosed,
    ReservationUnknown,
    StockShort,
)
from codepop.inventory.events import StockChanged
from codepop.inventory.models import MovementKind, Reservation, ReservationStatus, StockLevel, StockMovement
from codepop.kit.clock import now
from codepop.kit.ids import uuid7

Amounts = Mapping[UUID, int]
SPOILED = "Booked as used, but it was spoiled"
SYSTEM = "system"
MAX_AMOUNT = 100_000_000
"""More of anything than a store can hold; keeps sums far inside the column's range."""


@dataclass(frozen=True)
class OpeningLevel:
    """What a store begins with of one ingredient."""

    store_id: UUID
    ingredient_id: UUID
    amount: int
    low_threshold: int


# `locked` takes the rows in one order for everybody, which rules out deadlocks, and reads them as they are after
# waiting. Under READ COMMITTED the UPDATE then acts on those same newest rows.
_LOCKED = """
    locked AS (
        SELECT level.id, wanted.ingredient_id, wanted.amount, level.on_hand, level.reserved
        FROM inventory_stocklevel level JOIN wanted USING (ingredient_id)
        WHERE level.store_id = %(store)s
        ORDER BY level.ingredient_id
        FOR UPDATE OF level
    )"""

_WANTED = "wanted AS (SELECT * FROM unnest(%(ids)s::uuid[], %(amounts)s::int[]) AS w(ingredient_id, amount))"

# What is wanted and not free; whoever acts afterwards does so only when this is empty.
_SHORT = """short AS (
        SELECT wanted.ingredient_id, wanted.amount - coalesce(locked.on_hand - locked.reserved, 0) AS missing
        FROM wanted LEFT JOIN locked USING (ingredient_id)
        WHERE coalesce(locked.on_hand - locked.reserved, 0) < wanted.amount
    )"""

_HELD_BACK = """taken AS (
        UPDATE inventory_stocklevel level SET reserved = level.reserved + locked.amount
        FROM locked WHERE level.id = locked.id AND NOT EXISTS (SELECT FROM short)
    )"""

_RESERVE = f"""
    WITH {_WANTED}, {_LOCKED},
    {_SHORT}, {_HELD_BACK},
    written AS (
        INSERT INTO inventory_reservation (id, created_at, reference, store_id, status, amounts)
        SELECT %(id)s, %(at)s, %(reference)s, %(store)s, 'active', %(json)s::jsonb
        WHERE NOT EXISTS (SELECT FROM short)
    )
    SELECT ingredient_id, missing FROM short"""

# A spoiled lot was booked as used when its making began. It is taken out of the used ones and written off, and the
# same amounts are held again, so that the order can be made anew or cancelled like any other.
_START_OVER = f"""
    WITH lot AS (
        SELECT store_id, amounts FROM inventory_reservation
        WHERE reference = %(reference)s AND status = 'consumed' FOR UPDATE
    ),
    wanted AS (
        SELECT lot.store_id, item.key::uuid AS ingredient_id, item.value::int AS amount
        FROM lot, jsonb_each_text(lot.amounts) AS item
    ),
    locked AS (
        SELECT level.id, level.store_id, wanted.ingredient_id, wanted.amount, level.on_hand, level.reserved
        FROM inventory_stocklevel level JOIN wanted USING (store_id, ingredient_id)
        ORDER BY level.ingredient_id
        FOR UPDATE OF level
    ),
    {_SHORT}, {_HELD_BACK},
    held AS (
        UPDATE inventory_reservation SET status = 'active', closed_at = NULL
        WHERE reference = %(reference)s AND status = 'consumed' AND NOT EXISTS (SELECT FROM short)
    ),
    written AS (
        INSERT INTO inventory_stockmovement (at, store_id, ingredient_id, kind, amount, reason, reference)
        SELECT %(at)s, store_id, ingredient_id, entry.kind, entry.sign * amount, entry.reason, %(reference)s
        FROM locked, (VALUES ('corrected', 1, %(correction)s), ('wasted', -1, %(reason)s)) AS entry(kind, sign, reason)
        WHERE NOT EXISTS (SELECT FROM short)
    )
    SELECT ingredient_id, missing FROM short"""

_CLOSED = """
    closed AS (
        UPDATE inventory_reservation SET status = %(status)s, closed_at = %(at)s
        WHERE reference = %(reference)s AND status = 'active'
        RETURNING store_id, amounts
    ),
    wanted AS (
        SELECT closed.store_id, item.key::uuid AS ingredient_id, item.value::int AS amount
        FROM closed, jsonb_each_text(closed.amounts) AS item
    ),
    locked AS (
        SELECT level.id, level.store_id, wanted.ingredient_id, wanted.amount
        FROM inventory_stocklevel level JOIN wanted USING (store_id, ingredient_id)
        ORDER BY level.ingredient_id
        FOR UPDATE OF level
    )"""

_RELEASE = f"""
    WITH {_CLOSED},
    freed AS (
        UPDATE inventory_stocklevel level SET reserved = level.reserved - locked.amount
        FROM locked WHERE level.id = locked.id
    )
    SELECT count(*) FROM closed"""

_CONSUME = f"""
    WITH {_CLOSED},
    used AS (
        UPDATE inventory_stocklevel level
        SET reserved = level.reserved - locked.amount, on_hand = level.on_hand - locked.amount
        FROM locked WHERE level.id = locked.id
    ),
    written AS (
        INSERT INTO inventory_stockmovement (at, store_id, ingredient_id, kind, amount, reason, reference)
        SELECT %(at)s, store_id, ingredient_id, 'used', -amount, '', %(reference)s FROM locked
    )
    SELECT count(*) FROM closed"""

_TAKE = f"""
    WITH {_WANTED}, {_LOCKED},
    {_SHORT},
    taken AS (
        UPDATE inventory_stocklevel level SET on_hand = level.on_hand - locked.amount
        FROM locked WHERE level.id = locked.id AND NOT EXISTS (SELECT FROM short)
    ),
    written AS (
        INSERT INTO inventory_stockmovement (at, store_id, ingredient_id, kind, amount, reason, reference)
        SELECT %(at)s, %(store)s, ingredient_id, %(kind)s, -amount, %(reason)s, %(reference)s FROM locked
        WHERE NOT EXISTS (SELECT FROM short)
    )
    SELECT ingredient_id, missing FROM short"""

_RECEIVE = f"""
    WITH {_WANTED},
    added AS (
        INSERT INTO inventory_stocklevel (id, created_at, store_id, ingredient_id, on_hand, reserved, low_threshold)
        SELECT gen_random_uuid(), %(at)s, %(store)s, ingredient_id, amount, 0, 0 FROM wanted ORDER BY ingredient_id
        ON CONFLICT (store_id, ingredient_id) DO UPDATE SET on_hand = inventory_stocklevel.on_hand + excluded.on_hand
    )
    INSERT INTO inventory_stockmovement (at, store_id, ingredient_id, kind, amount, reason, reference)
    SELECT %(at)s, %(store)s, ingredient_id, 'received', amount, %(reason)s, NULL FROM wanted"""

_OPEN = """
    WITH wanted AS (
        SELECT * FROM unnest(%(stores)s::uuid[], %(ids)s::uuid[], %(amounts)s::int[], %(thresholds)s::int[])
            AS w(store_id, ingredient_id, amount, threshold)
    ),
    made AS (
        INSERT INTO inventory_stocklevel (id, created_at, store_id, ingredient_id, on_hand, reserved, low_threshold)
        SELECT gen_random_uuid(), %(at)s, store_id, ingredient_id, amount, 0, threshold FROM wanted
        ORDER BY store_id, ingredient_id
        ON CONFLICT (store_id, ingredient_id) DO NOTHING
        RETURNING store_id, ingredient_id, on_hand
    ),
    written AS (
        INSERT INTO inventory_stockmovement (at, store_id, ingredient_id, kind, amount, reason, reference)
        SELECT %(at)s, store_id, ingredient_id, 'received', on_hand, %(reason)s, NULL FROM made WHERE on_hand > 0
    )
    SELECT count(*) FROM made"""


def _columns(amounts: Amounts) -> dict[str, list[Any]]:
    for ingredient_id, amount in amounts.items():
        if not 0 < amount <= MAX_AMOUNT:
            raise AmountInvalid(fields={str(ingredient_id): f"{amount} is not a whole amount from 1 to {MAX_AMOUNT}."})
    return {"ids": list(amounts), "amounts": list(amounts.values())}


@transaction_required
def reserve(*, store_id: UUID, reference: UUID, amounts: Amounts) -> None:
    """Hold the amounts back for `reference`, all or nothing. One statement.

    Raises StockShort with what lacks (nothing is changed then) and AmountInvalid. A reference can be used once: a
    second reservation under it violates the database's unique key.
    """
    columns = _columns(amounts)
    plain = json.dumps({str(ingredient_id): amount for ingredient_id, amount in amounts.items()})
    values = {**columns, "store": store_id, "reference": reference, "id": uuid7(), "at": now(), "json": plain}
    missing: dict[UUID, int] = dict(fetch(_RESERVE, values))
    if missing:
        raise StockShort(missing)


@transaction_required
def release(*, reference: UUID) -> bool:
    """Give a reservation back, as when its order is cancelled; says whether anything was given back.

    May be called again, also for a reference that was never reserved. Raises ReservationClosed when it was used.
    """
    if _close(_RELEASE, reference, ReservationStatus.RELEASED):
        return True
    status = Reservation.objects.filter(reference=reference).values_list("status", flat=True).first()
    if status == ReservationStatus.CONSUMED:
        raise ReservationClosed(fields={"reference": "Its drinks are being made already."})
    return False


@transaction_required
def consume(*, reference: UUID) -> bool:
    """Take a reservation out of stock because its drinks are being made; says whether that was news.

    May be called again. Raises ReservationUnknown, and ReservationClosed when it was released.
    """
    if _close(_CONSUME, reference, ReservationStatus.CONSUMED):
        return True
    status = Reservation.objects.filter(reference=reference).values_list("status", flat=True).first()
    if status is None:
        raise ReservationUnknown
    if status == ReservationStatus.RELEASED:
        raise ReservationClosed(fields={"reference": "It was released, so its stock may be somebody else's."})
    return False


@transaction_required
def start_over(*, reference: UUID, reason: str) -> None:
    """Write off what was used for `reference` and spoiled, and hold the same amounts again. One statement.

    Raises StockShort with what lacks (nothing is changed then) and ReasonMissing. Without a used reservation under
    the reference it changes nothing, so it may be called again.
    """
    _require_reason(reason)
    facts: dict[str, Any] = {
        "reference": reference,
        "at": now(),
        "reason": reason.strip()[:160],
        "correction": SPOILED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_START_OVER, facts)
        missing = dict(cursor.fetchall())
    if missing:
        raise StockShort(missing)


def _close(statement: str, reference: UUID, status: ReservationStatus) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"reference": reference, "status": status.value, "at": now()})
        row = cursor.fetchone()
    return bool(row and row[0])


@transaction_required
def waste(*, store_id: UUID, amounts: Amounts, reason: str, reference: UUID | None = None) -> None:
    """Write off what was spilled, spoiled or made for nobody. Raises StockShort, ReasonMissing, AmountInvalid."""
    _take(store_id, amounts, MovementKind.WASTED, reason, reference)


@transaction_required
def return_to_hub(*, store_id: UUID, amounts: Amounts, reason: str) -> None:
    """Take unopened packs out for the hub's van. Raises StockShort, ReasonMissing, AmountInvalid."""
    _take(store_id, amounts, MovementKind.RETURNED, reason, None)


def _take(store_id: UUID, amounts: Amounts, kind: MovementKind, reason: str, reference: UUID | None) -> None:
    columns = _columns(amounts)
    _require_reason(reason)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                **columns,
                "store": store_id,
                "at": now(),
                "kind": kind.value,
                "reason": reason.strip()[:160],
                "reference": reference,
            },
        )
        missing = dict(cursor.fetchall())
    if missing:
        raise StockShort(missing)
    publish(StockChanged(store_id=store_id))


@transaction_required
def receive(*, store_id: UUID, amounts: Amounts, reason: str = "Delivery") -> None:
    """Add what was delivered; an ingredient that the store never had gets its level. Raises AmountInvalid."""
    columns = _columns(amounts)
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVE, {**columns, "store": store_id, "at": now(), "reason": reason.strip()[:160]})
    publish(StockChanged(store_id=store_id))


@transaction_required
def open_levels(*, levels: Sequence[OpeningLevel], reason: str) -> int:
    """Give stores their first stock; a level that exists already is left alone. Returns how many were new."""
    columns: dict[str, list[Any]] = {
        "stores": [level.store_id for level in levels],
        "ids": [level.ingredient_id for level in levels],
        "amounts": [level.amount for level in levels],
        "thresholds": [level.low_threshold for level in levels],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {**columns, "at": now(), "reason": reason})
        made = cursor.fetchone()
    return int(made[0]) if made else 0


@transaction_required
def correct(*, store_id: UUID, ingredient_id: UUID, counted: int, reason: str, actor: str = SYSTEM) -> int:
    """Set a level to what somebody counted and return the difference. Raises CountBelowReserved, ReasonMissing."""
    _require_reason(reason)
    if not 0 <= counted <= MAX_AMOUNT:
        raise AmountInvalid(fields={"counted": f"A count is from 0 to {MAX_AMOUNT}."})
    level, _ = StockLevel.objects.select_for_update().get_or_create(store_id=store_id, ingredient_id=ingredient_id)
    if counted < level.reserved:
        raise CountBelowReserved(fields={"counted": f"{level.reserved} are reserved for paid orders."})
    difference = counted - level.on_hand
    if difference:
        level.on_hand = counted
        level.save(update_fields=["on_hand"])
        StockMovement.objects.create(
            at=now(),
            store_id=store_id,
            ingredient_id=ingredient_id,
            kind=MovementKind.CORRECTED,
            amount=difference,
            reason=reason.strip()[:160],
        )
        publish(StockChanged(store_id=store_id))
        subject = f"ingredient:{ingredient_id} {difference:+d}"
        record_audit(actor=actor, action="stock.correct", subject=subject, note=reason.strip(), where=store_id)
    return difference


@transaction_required
def set_low_threshold(*, store_id: UUID, ingredient_id: UUID, threshold: int, actor: str = SYSTEM) -> None:
    """Say below which free amount an ingredient counts as low."""
    if threshold < 0:
        raise AmountInvalid(fields={"threshold": "A threshold is zero or more."})
    StockLevel.objects.filter(store_id=store_id, ingredient_id=ingredient_id).update(low_threshold=threshold)
    publish(StockChanged(store_id=store_id))
    subject = f"ingredient:{ingredient_id} low below {threshold}"
    record_audit(actor=actor, action="stock.threshold", subject=subject, where=store_id)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(fields={"reason": "Write a few words, for example: Bottle broke."})
