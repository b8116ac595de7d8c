"""Queries on a person's profile."""

from dataclasses import dataclass
from uuid import UUID

from codepop.catalog.menu import DrinkLine, MenuSnapshot, Recipe
from codepop.catalog.pricing import check_lines, line_name
from codepop.catalog.recipe import allergens
from codepop.catalog.selectors import catalogue
from codepop.inventory.availability import Free, stock_problems
from codepop.inventory.selectors import free_amounts
from codepop.kit.clock import now
from codepop.privacy.purposes import Purpose
from codepop.privacy.selectors import allows
from codepop.profile.documents import Health, Preferences
from codepop.profile.models import Favourite, HealthNotes, Tastes
from codepop.stores.selectors import get_store


@dataclass(frozen=True)
class FavouriteView:
    """A favourite as it can be had now. `unavailable` says in a sentence why it can't; `warnings` names allergens of
    it that its person must avoid. `line` is ready for a quote.
    """

    id: UUID
    name: str
    line: DrinkLine
    unavailable: str | None
    warnings: tuple[str, ...]


def preferences_of(user_id: UUID) -> Preferences:
    """Return what a person likes; nothing when they never said."""
    row = Tastes.objects.filter(user_id=user_id).first()
    return Preferences.from_json(row.document if row else "")


def tutorial_is_done(user_id: UUID) -> bool:
    """Say whether a person has seen or skipped the first-use tutorial."""
    return Tastes.objects.filter(user_id=user_id, tutorial_done_at__isnull=False).exists()


def allergies_of(user_id: UUID) -> frozenset[str]:
    """Return what a person must be warned of: nothing unless they agree, now, to what is done with it."""
    if not allows(user_id, Purpose.ALLERGIES):
        return frozenset()
    kept = health_of(user_id)
    return frozenset(kept.allergies) if kept else frozenset()


def health_of(user_id: UUID) -> Health | None:
    """Return allergies and diets for the person's own eyes, None when nothing is kept."""
    row = HealthNotes.objects.filter(user_id=user_id).first()
    return Health.from_json(row.document) if row else None


def favourites_of(user_id: UUID, *, store_id: UUID | None = None) -> list[FavouriteView]:
    """Return a person's favourites, the newest first; with a store also by its stock and calendar.

    Raises StoreUnknown.
    """
    menu = catalogue()
    free = free_amounts(store_id) if store_id else None
    day = get_store(store_id).local_date(now()) if store_id else now().date()
    avoided = allergies_of(user_id)
    views = []
    for row in Favourite.objects.filter(user_id=user_id).order_by("-id"):
        line = DrinkLine(
            drink_id=row.drink_id,
            name=row.name or None,
            size=row.size,
            quantity=1,
            recipe=Recipe.from_json(row.recipe),
        )
        problems = check_lines(menu, [line], day=day) or _out_of_stock(menu, line, free)
        views.append(
            FavouriteView(
                id=row.id,
                name=_name(menu, line),
                line=line,
                unavailable=next(iter(problems.values()), None),
                warnings=_warnings(menu, line, avoided),
            )
        )
    return views


def _out_of_stock(menu: MenuSnapshot, line: DrinkLine, free: Free | None) -> dict[str, str]:
    return {} if free is None else stock_problems(menu, [line], free)


def _known(menu: MenuSnapshot, line: DrinkLine) -> bool:
    return all(part.ingredient_id in menu.ingredients for _, _, part in line.recipe.parts())


def _name(menu: MenuSnapshot, line: DrinkLine) -> str:
    return line_name(menu, line) if _known(menu, line) else line.name or "A drink of yours"


def _warnings(menu: MenuSnapshot, line: DrinkLine, avoided: frozenset[str]) -> tuple[str, ...]:
    if not avoided or not _known(menu, line):
        return ()
    found = allergens(line.recipe, catalogue=menu)
    return tuple(sorted({*found.contains, *found.may_contain} & avoided))
