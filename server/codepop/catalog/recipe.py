"""The builder's rules and what follows from a recipe: amounts, nutrition, allergens, price. Pure.

The contents of a cup add up exactly: ice, syrups, juices, creams, add-ins and ice cream take their room, and the sodas
share what is left of the size's volume.
"""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from codepop.catalog.menu import (
    DrinkLine,
    Group,
    MenuIngredient,
    MenuSize,
    MenuSnapshot,
    Nutrition,
    Part,
    Recipe,
    Rules,
)

__all__ = [
    "Allergens",
    "Problem",
    "Recipe",
    "Rules",
    "allergens",
    "amounts",
    "nutrition",
    "soda_room_ml",
    "split_by_share",
    "unit_price_cents",
    "validate",
]

ICE_GRAMS_PER_LITRE = 917  # density of ice at 0 degrees Celsius


class Problem(NamedTuple):
    """What is wrong with one field; `path` is relative to the line, for example "recipe.syrups.1"."""

    path: str
    message: str


class Allergens(NamedTuple):
    """What a drink contains, and what it may contain besides by shared nozzles and production; sorted, apart."""

    contains: tuple[str, ...]
    may_contain: tuple[str, ...]


def validate(recipe: Recipe, *, size: MenuSize, catalogue: MenuSnapshot) -> list[Problem]:
    """Everything that keeps this recipe from being made in this size, or an empty list."""
    problems = [
        *_count_problems(recipe, catalogue.rules),
        *_part_problems(recipe, catalogue),
        *_ice_problems(recipe, catalogue),
    ]
    return problems or list(_fit_problems(recipe, size, catalogue))


def _count_problems(recipe: Recipe, rules: Rules) -> Iterator[Problem]:
    if not recipe.sodas:
        yield Problem("recipe.sodas", "Choose at least one soda; everything else is up to you.")
    limits = (
        ("sodas", rules.max_sodas, "sodas"),
        ("syrups", rules.max_syrups, "syrups"),
        ("juices", rules.max_juices, "juices"),
        ("creams", rules.max_creams, "creams"),
        ("add_ins", rules.max_addins, "add-ins"),
        ("ice_creams", rules.max_ice_creams, "ice creams"),
    )
    for name, limit, spoken in limits:
        count = len(recipe.group(name))
        if count > limit:
            yield Problem(f"recipe.{name}", f"At most {limit} {spoken} in one drink: take out {count - limit}.")


def _part_problems(recipe: Recipe, catalogue: MenuSnapshot) -> Iterator[Problem]:
    seen: set[UUID] = set()
    for group, index, part in recipe.parts():
        path = f"recipe.{group.name}.{index}"
        ingredient = catalogue.ingredients.get(part.ingredient_id)
        if ingredient is None or not ingredient.offered:
            yield Problem(path, "This ingredient is not on the menu any more: choose another one.")
            continue
        if ingredient.kind != group.kind:
            yield Problem(path, f"{ingredient.name} does not belong under {group.name.replace('_', ' ')}.")
        if ingredient.id in seen:
            yield Problem(path, f"{ingredient.name} is in the drink twice: add the amounts up in one line.")
        seen.add(ingredient.id)
        if problem := _amount_problem(group, part, ingredient, catalogue.rules):
            yield Problem(path, problem)


def _amount_problem(group: Group, part: Part, ingredient: MenuIngredient, rules: Rules) -> str | None:
    limit = {"sodas": rules.max_share, "syrups": rules.max_pumps_per_syrup}.get(group.name, rules.max_portions)
    if 1 <= part.amount <= limit:
        return None
    return f"{ingredient.name}: {group.amount_name} must be from 1 to {limit}, not {part.amount}."


def _ice_problems(recipe: Recipe, catalogue: MenuSnapshot) -> Iterator[Problem]:
    if catalogue.ice_percent(recipe.ice) is None:
        codes = ", ".join(level.code for level in catalogue.ice_levels)
        yield Problem("recipe.ice", f"Ice must be one of {codes}.")


def _fit_problems(recipe: Recipe, size: MenuSize, catalogue: MenuSnapshot) -> Iterator[Problem]:
    needed = -(-size.volume_ml * catalogue.rules.min_soda_percent // 100)
    missing = needed - soda_room_ml(recipe, size=size, catalogue=catalogue)
    if missing > 0:
        yield Problem(
            "recipe", f"This is {missing} ml too much for {size.name}: take something out, less ice, or a larger cup."
        )


def _ice_ml(recipe: Recipe, size: MenuSize, catalogue: MenuSnapshot) -> int:
    return size.volume_ml * (catalogue.ice_percent(recipe.ice) or 0) // 100


def soda_room_ml(recipe: Recipe, *, size: MenuSize, catalogue: MenuSnapshot) -> int:
    """What ice and everything but soda leave of the cup; below zero when they do not fit."""
    taken = sum(
        catalogue.ingredients[part.ingredient_id].portion_volume_ml * part.amount
        for group, _, part in recipe.parts()
        if group.kind != "soda"
    )
    return size.volume_ml - _ice_ml(recipe, size, catalogue) - taken


def split_by_share(total: int, shares: tuple[int, ...]) -> list[int]:
    """Split whole `total` in proportion to the shares; the parts add up to it (largest remainder, first on a tie)."""
    whole = sum(shares)
    parts = [total * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(total * shares[i] % whole), i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def amounts(recipe: Recipe, *, size: MenuSize, catalogue: MenuSnapshot, quantity: int = 1) -> dict[UUID, int]:
    """What `quantity` drinks take out of stock, in whole units: contents, ice, cup, lid and straw.

    The recipe must be valid for the size.
    """
    taken: dict[UUID, int] = {}
    for ingredient_id, amount in _amounts_of_one(recipe, size, catalogue):
        if amount:
            taken[ingredient_id] = taken.get(ingredient_id, 0) + amount * quantity
    return taken


def _amounts_of_one(recipe: Recipe, size: MenuSize, catalogue: MenuSnapshot) -> Iterator[tuple[UUID, int]]:
    room = max(soda_room_ml(recipe, size=size, catalogue=catalogue), 0)
    if recipe.sodas:
        shares = tuple(part.amount for part in recipe.sodas)
        for part, millilitres in zip(recipe.sodas, split_by_share(room, shares), strict=True):
            yield part.ingredient_id, millilitres
    for group, _, part in recipe.parts():
        if group.kind != "soda":
            yield part.ingredient_id, catalogue.ingredients[part.ingredient_id].portion_amount * part.amount
    if catalogue.ice is not None:
        yield catalogue.ice.id, (_ice_ml(recipe, size, catalogue) * ICE_GRAMS_PER_LITRE + 500) // 1000
    for physical in size.physical:
        yield physical, 1


def nutrition(recipe: Recipe, *, size: MenuSize, catalogue: MenuSnapshot) -> Nutrition:
    """Energy, sugar and caffeine of one drink."""
    total = Nutrition()
    for ingredient_id, amount in amounts(recipe, size=size, catalogue=catalogue).items():
        total += catalogue.ingredients[ingredient_id].nutrition_per_100.of(amount)
    return total


def allergens(recipe: Recipe, *, catalogue: MenuSnapshot) -> Allergens:
    """What the drink contains and may contain; an allergen that it surely contains is not said twice."""
    ingredients = [catalogue.ingredients[part.ingredient_id] for _, _, part in recipe.parts()]
    contains = {name for ingredient in ingredients for name in ingredient.allergens}
    may_contain = {name for ingredient in ingredients for name in ingredient.may_contain} - contains
    return Allergens(tuple(sorted(contains)), tuple(sorted(may_contain)))


def unit_price_cents(recipe: Recipe, *, size: MenuSize, catalogue: MenuSnapshot) -> int:
    """The price of one drink before tax: the size's price, and each portion's. Sodas come with the size."""
    extras = sum(
        catalogue.ingredients[part.ingredient_id].price_cents * part.amount
        for group, _, part in recipe.parts()
        if group.kind != "soda"
    )
    return size.price_cents + extras


def line_amounts(line: DrinkLine, *, catalogue: MenuSnapshot) -> dict[UUID, int]:
    """What a valid cart line takes out of stock, its quantity included."""
    return amounts(line.recipe, size=catalogue.sizes[line.size], catalogue=catalogue, quantity=line.quantity)
