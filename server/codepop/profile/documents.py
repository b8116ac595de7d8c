"""Preferences and health notes as values, and as the JSON that is kept encrypted. Pure."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Sweetness(StrEnum):
    LESS = "less"
    REGULAR = "regular"
    MORE = "more"


class Adventure(StrEnum):
    """How far from the usual a suggestion may be."""

    USUAL = "usual"
    SOME = "some"
    SURPRISE = "surprise"


class Diet(StrEnum):
    VEGAN = "vegan"
    VEGETARIAN = "vegetarian"
    GLUTEN_FREE = "gluten_free"
    DAIRY_FREE = "dairy_free"
    LOW_SUGAR = "low_sugar"
    CAFFEINE_FREE = "caffeine_free"


@dataclass(frozen=True)
class Preferences:
    """Tastes; ids are ingredients'. None means: not said."""

    liked: tuple[UUID, ...] = ()
    disliked: tuple[UUID, ...] = ()
    sweetness: Sweetness | None = None
    ice: str | None = None
    adventure: Adventure | None = None

    def as_json(self) -> str:
        """Return the text that is kept."""
        return json.dumps(vars(self), default=str, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Preferences":
        """Read what `as_json` wrote; the empty text says nothing."""
        data: dict[str, Any] = json.loads(text) if text else {}
        return cls(
            liked=tuple(UUID(one) for one in data.get("liked", ())),
            disliked=tuple(UUID(one) for one in data.get("disliked", ())),
            sweetness=Sweetness(data["sweetness"]) if data.get("sweetness") else None,
            ice=data.get("ice"),
            adventure=Adventure(data["adventure"]) if data.get("adventure") else None,
        )


@dataclass(frozen=True)
class Health:
    """Allergies, by the codes of `catalog.allergens`, and diets."""

    allergies: tuple[str, ...] = ()
    diets: tuple[Diet, ...] = ()

    def as_json(self) -> str:
        """Return the text that is kept."""
        return json.dumps(vars(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Health":
        """Read what `as_json` wrote; the empty text says nothing."""
        data: dict[str, Any] = json.loads(text) if text else {}
        return cls(tuple(data.get("allergies", ())), tuple(Diet(one) for one in data.get("diets", ())))
