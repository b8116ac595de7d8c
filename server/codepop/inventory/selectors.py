"""Queries on stock."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from codepop.catalog import selectors as catalog
from codepop.catalog.menu import MenuIngredient
from codepop.core.statements import fetch
from codepop.inventory.models import Reservation, ReservationStatus, StockLevel


@dataclass(frozen=True, kw_only=True)
class LevelView:
    """How much of an ingredient a store has. `low` says that the free amount is at or below the threshold."""

    ingredient_id: UUID
    name: str
    kind: str
    unit: str
    on_hand: int
    reserved: int
    free: int
    low_threshold: int
    low: bool
    portions: int
    pack_amount: int


@dataclass(frozen=True)
class ReservationView:
    """What is held back under a reference."""

    reference: UUID
    store_id: UUID
    status: str
    amounts: dict[UUID, int]


@dataclass(frozen=True)
class Discrepancy:
    """A level that its own books do not explain; there must never be one."""

    store_id: UUID
    ingredient_id: UUID
    on_hand: int
    moved: int
    reserved: int
    held: int


def free_amounts(store_id: UUID) -> dict[UUID, int]:
    """Units of every ingredient of a store that are on hand and not reserved; one query."""
    statement = "SELECT ingredient_id, on_hand - reserved FROM inventory_stocklevel WHERE store_id = %s"
    return dict(fetch(statement, [store_id]))


def available_portions(store_id: UUID) -> dict[UUID, int]:
    """How many portions of every ingredient of the catalogue a store can still sell."""
    free = free_amounts(store_id)
    return {
        one.id: max(free.get(one.id, 0), 0) // one.portion_amount for one in catalog.catalogue().ingredients.values()
    }


def levels(store_id: UUID) -> list[LevelView]:
    """A store's levels for its staff: low ones first, then by kind and name."""
    ingredients = catalog.catalogue().ingredients
    found = [
        _level(row, ingredients[row.ingredient_id])
        for row in StockLevel.objects.filter(store_id=store_id)
        if row.ingredient_id in ingredients
    ]
    return sorted(found, key=lambda level: (not level.low, level.kind, level.name))


def _level(row: StockLevel, ingredient: MenuIngredient) -> LevelView:
    free = row.on_hand - row.reserved
    return LevelView(
        ingredient_id=row.ingredient_id,
        name=ingredient.name,
        kind=ingredient.kind,
        unit=ingredient.unit,
        on_hand=row.on_hand,
        reserved=row.reserved,
        free=free,
        low_threshold=row.low_threshold,
        low=free <= row.low_threshold,
        portions=free // ingredient.portion_amount,
        pack_amount=ingredient.pack_amount,
    )


def reservation(reference: UUID) -> ReservationView | None:
    """What is or was held back under a reference, or None."""
    row = Reservation.objects.filter(reference=reference).first()
    if row is None:
        return None
    amounts = {UUID(key): int(value) for key, value in row.amounts.items()}
    return ReservationView(row.reference, row.store_id, row.status, amounts)


def active_references() -> list[UUID]:
    """The references of everything that is held back now, for checking against the orders."""
    active = Reservation.objects.filter(status=ReservationStatus.ACTIVE)
    return list(active.values_list("reference", flat=True))


def discrepancies() -> list[Discrepancy]:
    """Every level whose amounts differ from the sums of its movements and active reservations. Empty when all is well.

    One statement, so it sees one moment; reads all movements, so it is for checks, not for screens.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DISCREPANCIES)
        return [Discrepancy(*row) for row in cursor.fetchall()]


_DISCREPANCIES = """
    WITH moved AS (
        SELECT store_id, ingredient_id, sum(amount) AS amount FROM inventory_stockmovement GROUP BY 1, 2
    ),
    held AS (
        SELECT store_id, item.key::uuid AS ingredient_id, sum(item.value::bigint) AS amount
        FROM inventory_reservation, jsonb_each_text(amounts) AS item
        WHERE status = 'active' GROUP BY 1, 2
    ),
    level AS (SELECT store_id, ingredient_id, on_hand, reserved FROM inventory_stocklevel)
    SELECT store_id, ingredient_id, coalesce(on_hand, 0), coalesce(moved.amount, 0)::bigint,
           coalesce(reserved, 0), coalesce(held.amount, 0)::bigint
    FROM level FULL JOIN moved USING (store_id, ingredient_id) FULL JOIN held USING (store_id, ingredient_id)
    WHERE coalesce(on_hand, 0) <> coalesce(moved.amount, 0) OR coalesce(reserved, 0) <> coalesce(held.amount, 0)
"""
