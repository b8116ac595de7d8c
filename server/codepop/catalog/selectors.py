"""Queries on the catalogue. The whole of it is one frozen value, kept by each process until its version changes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from codepop.catalog.menu import (
    GROUP_OF_KIND,
    MenuCategory,
    MenuDrink,
    MenuIngredient,
    MenuSize,
    MenuSnapshot,
    Nutrition,
    Part,
    Recipe,
)
from codepop.catalog.models import Category, Drink, Ingredient, IngredientKind, Size
from codepop.core.statements import fetch_one


@dataclass
class _Kept:
    snapshot: MenuSnapshot | None = None


_kept = _Kept()


def catalogue() -> MenuSnapshot:
    """The present catalogue: one query when this process already holds its version, six when it does not.

    The version is read before the rows, so what is kept is never older than its version says.
    """
    version, changed_at = fetch_one("SELECT version, changed_at FROM catalog_catalogversion") or (None, None)
    kept = _kept.snapshot
    if kept is not None and version is not None and kept.version == version:
        return kept
    loaded = _load(version, changed_at)
    _kept.snapshot = loaded
    return loaded


def size_text(code: str) -> str:
    """Return a size as people say it, such as `24 oz`; a code that is not sold any more stays as it is."""
    size = catalogue().sizes.get(code)
    return f"{size.oz} oz" if size else code


def ingredient_names(ingredient_ids: list[UUID]) -> dict[UUID, str]:
    """Names for screens and messages, also of ingredients that are no longer offered."""
    return dict(Ingredient.objects.filter(id__in=ingredient_ids).values_list("id", "name"))


def drink_names(drink_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the menu's names of drinks, also of those that left it."""
    return dict(Drink.objects.filter(id__in=drink_ids).values_list("id", "name"))


def _load(version: UUID | None, changed_at: datetime | None) -> MenuSnapshot:
    ingredients = {row.id: _ingredient(row) for row in Ingredient.objects.all()}
    drinks = Drink.objects.filter(offered=True).select_related("default_size").prefetch_related("parts")
    return MenuSnapshot(
        version=version,
        changed_at=changed_at,
        ingredients=ingredients,
        sizes={row.code: _size(row) for row in Size.objects.order_by("volume_ml")},
        categories=tuple(MenuCategory(row.code, row.name) for row in Category.objects.all()),
        drinks={row.id: _drink(row, ingredients) for row in drinks},
        ice=next((one for one in ingredients.values() if one.kind == IngredientKind.ICE), None),
    )


def _thousandths(value: Decimal) -> int:
    return int(value * 1000)


def _ingredient(row: Ingredient) -> MenuIngredient:
    return MenuIngredient(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        unit=row.unit,
        color=row.color,
        opacity_percent=row.opacity_percent,
        flavour_family=row.flavour_family,
        pairs_with=tuple(row.pairs_with),
        diet=row.diet,
        allergens=tuple(row.allergens),
        may_contain=tuple(row.may_contain),
        nutrition_per_100=Nutrition(
            _thousandths(row.kcal_per_100), _thousandths(row.sugar_g_per_100), _thousandths(row.caffeine_mg_per_100)
        ),
        price_cents=row.price_cents,
        portion_name=row.portion_name,
        portion_amount=row.portion_amount,
        portion_volume_ml=row.portion_volume_ml,
        pack_amount=row.pack_amount,
        offered=row.offered,
    )


def _size(row: Size) -> MenuSize:
    return MenuSize(
        id=row.id,
        code=row.code,
        name=row.name,
        oz=row.oz,
        volume_ml=row.volume_ml,
        price_cents=row.price_cents,
        physical=(row.cup_id, row.lid_id, row.straw_id),
    )


def _drink(row: Drink, ingredients: dict[UUID, MenuIngredient]) -> MenuDrink:
    groups: dict[str, list[Part]] = {}
    for part in row.parts.all():
        group = GROUP_OF_KIND[ingredients[part.ingredient_id].kind]
        groups.setdefault(group.name, []).append(Part(part.ingredient_id, part.amount))
    return MenuDrink(
        id=row.id,
        slug=row.slug,
        name=row.name,
        description=row.description,
        categories=tuple(row.categories),
        tile=row.tile,
        season=(_month_day(row.season_from), _month_day(row.season_to)) if row.season_from else None,
        popularity=row.popularity,
        default_size=row.default_size.code,
        recipe=Recipe(**{name: tuple(parts) for name, parts in groups.items()}, ice=row.ice),
    )


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
