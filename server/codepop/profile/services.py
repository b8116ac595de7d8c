"""Commands on a person's profile."""

import hashlib
import json
from typing import Final
from uuid import UUID

from codepop.catalog.allergens import ALLERGENS
from codepop.catalog.menu import DrinkLine
from codepop.catalog.pricing import check_lines
from codepop.catalog.selectors import catalogue
from codepop.core.db import transaction, transaction_required
from codepop.core.errors import InvalidInput
from codepop.kit.clock import now
from codepop.privacy.purposes import Purpose
from codepop.privacy.services import record_consent
from codepop.profile.documents import Health, Preferences
from codepop.profile.errors import FavouriteUnknown, TooManyFavourites
from codepop.profile.models import Favourite, HealthNotes, Tastes

MOST_FAVOURITES: Final = 50


def set_preferences(*, user_id: UUID, preferences: Preferences) -> None:
    """Keep what a person likes, in place of what was kept. Raises InvalidInput for what is not on the menu."""
    _check_preferences(preferences)
    with transaction():
        Tastes.objects.update_or_create(user_id=user_id, defaults={"document": preferences.as_json()})


def _check_preferences(given: Preferences) -> None:
    menu = catalogue()
    problems: dict[str, str] = {}
    for name, ids in (("liked", given.liked), ("disliked", given.disliked)):
        for index, one in enumerate(ids):
            if one not in menu.ingredients:
                problems[f"{name}.{index}"] = "There is no such ingredient."
    if both := set(given.liked) & set(given.disliked):
        names = sorted(menu.ingredients[one].name for one in both if one in menu.ingredients)
        problems["disliked"] = f"Liked and disliked at once: {', '.join(names)}."
    if given.ice is not None and menu.ice_percent(given.ice) is None:
        problems["ice"] = f"Ice must be one of {', '.join(level.code for level in menu.ice_levels)}."
    if problems:
        raise InvalidInput(fields=problems)


def finish_tutorial(*, user_id: UUID) -> None:
    """Note that a person has seen, or skipped, the first-use tutorial; may be called twice."""
    with transaction():
        row, _ = Tastes.objects.get_or_create(user_id=user_id)
        if row.tutorial_done_at is None:
            row.tutorial_done_at = now()
            row.save(update_fields=["tutorial_done_at"])


def set_health(*, user_id: UUID, health: Health) -> None:
    """Keep allergies and diets, and the person's yes to it. Raises InvalidInput."""
    if unknown := [one for one in health.allergies if one not in ALLERGENS]:
        index = health.allergies.index(unknown[0])
        raise InvalidInput(fields={f"allergies.{index}": f"Allergies are {', '.join(ALLERGENS)}."})
    with transaction():
        record_consent(user_id=user_id, purpose=Purpose.ALLERGIES, given=True, source="profile")
        HealthNotes.objects.update_or_create(user_id=user_id, defaults={"document": health.as_json()})


def forget_health(*, user_id: UUID) -> None:
    """Take the yes back, and so delete allergies and diets at once; may be called twice."""
    with transaction():
        record_consent(user_id=user_id, purpose=Purpose.ALLERGIES, given=False, source="profile")


@transaction_required
def drop_health(*, user_id: UUID) -> None:
    """Delete what was kept with a consent that is taken back."""
    HealthNotes.objects.filter(user_id=user_id).delete()


def keep_favourite(*, user_id: UUID, line: DrinkLine) -> tuple[UUID, bool]:
    """Keep a drink; says which favourite it is, and whether it is new. Keeping it again only renames it.

    Raises InvalidInput for what can't be made, TooManyFavourites.
    """
    if problems := check_lines(catalogue(), [line], day=now().date()):
        raise InvalidInput(fields={path.removeprefix("lines.0."): text for path, text in problems.items()})
    digest = _digest(line)
    with transaction():
        if (row := Favourite.objects.filter(user_id=user_id, digest=digest).first()) is not None:
            row.name = line.name or ""
            row.save(update_fields=["name"])
            return row.id, False
        if Favourite.objects.filter(user_id=user_id).count() >= MOST_FAVOURITES:
            raise TooManyFavourites
        values = {
            "name": line.name or "",
            "drink_id": line.drink_id,
            "size": line.size,
            "recipe": line.recipe.as_json(),
        }
        row, made = Favourite.objects.get_or_create(user_id=user_id, digest=digest, defaults=values)
    return row.id, made


def rename_favourite(*, user_id: UUID, favourite_id: UUID, name: str) -> None:
    """Give a favourite another name; the empty one goes back to the drink's. Raises FavouriteUnknown."""
    row = Favourite.objects.filter(user_id=user_id, id=favourite_id).first()
    if row is None:
        raise FavouriteUnknown
    row.name = name
    row.save(update_fields=["name"])


def remove_favourite(*, user_id: UUID, favourite_id: UUID) -> None:
    """Forget a favourite; may be called twice."""
    Favourite.objects.filter(user_id=user_id, id=favourite_id).delete()


def _digest(line: DrinkLine) -> bytes:
    made_of = {"drink": str(line.drink_id), "size": line.size, "recipe": line.recipe.as_json()}
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).digest()
