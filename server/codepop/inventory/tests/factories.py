"""Stock with every value defaulted. Levels come with the movement that explains them, so the books balance."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from codepop.inventory.models import MovementKind, StockLevel, StockMovement
from codepop.kit.clock import now

if TYPE_CHECKING:
    from codepop.catalog.models import Ingredient
    from codepop.stores.models import Store


def stock_store(
    *, store: "Store", ingredients: Iterable["Ingredient"], on_hand: int = 100_000, low_threshold: int = 0
) -> list[StockLevel]:
    """Give the store `on_hand` units of each ingredient."""
    ingredients = list(ingredients)
    levels = StockLevel.objects.bulk_create(
        StockLevel(store=store, ingredient=ingredient, on_hand=on_hand, low_threshold=low_threshold)
        for ingredient in ingredients
    )
    if on_hand:
        StockMovement.objects.bulk_create(
            StockMovement(
                at=now(), store=store, ingredient=ingredient, kind=MovementKind.RECEIVED, amount=on_hand, reason="test"
            )
            for ingredient in ingredients
        )
    return levels


def set_stock(*, store: "Store", ingredient: "Ingredient", on_hand: int) -> StockLevel:
    """Leave exactly `on_hand` units of one ingredient, whatever was there before; nothing may be reserved."""
    level, _ = StockLevel.objects.get_or_create(store=store, ingredient=ingredient)
    change = on_hand - level.on_hand
    level.on_hand = on_hand
    level.save()
    if change:
        StockMovement.objects.create(
            at=now(),
            store=store,
            ingredient=ingredient,
            kind=MovementKind.CORRECTED,
            amount=change,
            reason="set by a test",
        )
    return level
