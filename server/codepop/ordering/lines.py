"""Lines of a cart and their priced form, as JSON and back. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from codepop.catalog.menu import DrinkLine, MenuSnapshot, Recipe
from codepop.catalog.pricing import PricedLine


class NutritionDocument(TypedDict):
    kcal: int
    sugar_g: int
    caffeine_mg: int


class LineDocument(TypedDict):
    """One line as its buyer sees it: with the price of one, allergens and nutrition of one."""

    drink_id: str | None
    name: str
    size: str
    quantity: int
    unit_price_cents: int
    total_cents: int
    allergens: list[str]
    may_contain: list[str]
    nutrition: NutritionDocument
    recipe: dict[str, Any]


class RequestDocument(TypedDict):
    """One line as it was asked for."""

    drink_id: str | None
    name: str | None
    size: str
    quantity: int
    recipe: dict[str, Any]


def request_document(line: DrinkLine) -> RequestDocument:
    """Return the line as stored with its quote."""
    return {
        "drink_id": str(line.drink_id) if line.drink_id else None,
        "name": line.name,
        "size": line.size,
        "quantity": line.quantity,
        "recipe": line.recipe.as_json(),
    }


def read_request(document: Mapping[str, Any]) -> DrinkLine:
    """Return the line that `request_document` wrote."""
    return DrinkLine(
        drink_id=UUID(document["drink_id"]) if document["drink_id"] else None,
        name=document["name"],
        size=document["size"],
        quantity=document["quantity"],
        recipe=Recipe.from_json(document["recipe"]),
    )


def line_document(priced: PricedLine) -> LineDocument:
    """Return a priced line as its buyer sees it."""
    line = priced.line
    return {
        "drink_id": str(line.drink_id) if line.drink_id else None,
        "name": priced.name,
        "size": line.size,
        "quantity": line.quantity,
        "unit_price_cents": priced.unit_price_cents,
        "total_cents": priced.total_cents,
        "allergens": list(priced.allergens.contains),
        "may_contain": list(priced.allergens.may_contain),
        "nutrition": {
            "kcal": priced.nutrition.kcal,
            "sugar_g": priced.nutrition.sugar_g,
            "caffeine_mg": priced.nutrition.caffeine_mg,
        },
        "recipe": line.recipe.as_json(),
    }


def changed_fields(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Say, by field path, what a buyer would want to know of the difference between two priced carts."""
    changed: dict[str, str] = {}
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if old["unit_price_cents"] != new["unit_price_cents"]:
            was, becomes = (f"${cents['unit_price_cents'] / 100:.2f}" for cents in (old, new))
            changed[f"lines.{index}.unit_price_cents"] = f"{new['name']} is now {becomes} instead of {was}."
        if (old["allergens"], old["may_contain"]) != (new["allergens"], new["may_contain"]):
            changed[f"lines.{index}.allergens"] = f"The allergens of {new['name']} have changed. Check them."
        if old["nutrition"] != new["nutrition"]:
            changed[f"lines.{index}.nutrition"] = f"The nutrition facts of {new['name']} have changed."
    return changed


def names_gone(lines: Sequence[Mapping[str, Any]], catalogue: MenuSnapshot) -> list[str]:
    """Return the names of drinks whose preset left the menu, each once."""
    gone = [line["name"] for line in lines if line["drink_id"] and UUID(line["drink_id"]) not in catalogue.drinks]
    return list(dict.fromkeys(gone))
