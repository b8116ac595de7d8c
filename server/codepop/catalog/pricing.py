"""From cart lines to money. Pure; integer minor units of the store's currency.

Tax is computed once per order: subtotal times the store's rate in basis points, rounded half up to whole cents. Prices
on the menu are without tax, as is the custom in the United States.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from codepop.catalog.menu import DrinkLine, MenuSnapshot, Nutrition
from codepop.catalog.recipe import Allergens, Problem, allergens, nutrition, unit_price_cents, validate


class TaxedStore(Protocol):
    """What pricing needs to know of a store."""

    @property
    def currency(self) -> str: ...
    @property
    def tax_rate_bps(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A line with its price; allergens and nutrition are those of one drink."""

    line: DrinkLine
    name: str
    unit_price_cents: int
    total_cents: int
    allergens: Allergens
    nutrition: Nutrition


@dataclass(frozen=True, kw_only=True)
class PricedOrder:
    """All lines and their sums; `total_cents` is what is charged."""

    currency: str
    lines: tuple[PricedLine, ...]
    subtotal_cents: int
    tax_cents: int
    total_cents: int


def check_lines(catalogue: MenuSnapshot, lines: Sequence[DrinkLine], *, day: date) -> Mapping[str, str]:
    """What is wrong with the lines, by field path ("lines.0.recipe.syrups.1"); empty when all can be sold.

    `day` is the date on the store's calendar, for seasons. Stock is another question (inventory).
    """
    rules = catalogue.rules
    problems: dict[str, str] = {}
    if not lines:
        problems["lines"] = "Your cart is empty: add a drink first."
    total = sum(max(line.quantity, 0) for line in lines)
    if total > rules.max_drinks:
        problems["lines"] = f"At most {rules.max_drinks} drinks in one order: take out {total - rules.max_drinks}."
    for index, line in enumerate(lines):
        for problem in _line_problems(catalogue, line, day):
            problems.setdefault(f"lines.{index}.{problem.path}", problem.message)
    return problems


def _line_problems(catalogue: MenuSnapshot, line: DrinkLine, day: date) -> list[Problem]:
    rules = catalogue.rules
    problems = []
    if not 1 <= line.quantity <= rules.max_per_line:
        problems.append(Problem("quantity", f"Quantity must be from 1 to {rules.max_per_line}."))
    if line.name is not None and len(line.name) > rules.max_name_length:
        problems.append(Problem("name", f"A drink's name has at most {rules.max_name_length} characters."))
    if line.drink_id is not None:
        drink = catalogue.drinks.get(line.drink_id)
        if drink is None:
            problems.append(Problem("drink_id", "This drink is not on the menu any more: choose another one."))
        elif not drink.in_season(day):
            problems.append(Problem("drink_id", f"{drink.name} is out of season: choose another one."))
    size = catalogue.sizes.get(line.size)
    if size is None:
        problems.append(Problem("size", f"Size must be one of {', '.join(catalogue.sizes)}."))
    else:
        problems.extend(validate(line.recipe, size=size, catalogue=catalogue))
    return problems


def line_name(catalogue: MenuSnapshot, line: DrinkLine) -> str:
    """The customer's own name for the drink, else the preset's, else one made from its first soda."""
    if line.name and line.name.strip():
        return line.name.strip()
    if line.drink_id is not None and line.drink_id in catalogue.drinks:
        return catalogue.drinks[line.drink_id].name
    return f"My {catalogue.ingredients[line.recipe.sodas[0].ingredient_id].label}"


def tax_cents(subtotal_cents: int, tax_rate_bps: int) -> int:
    """Tax on the subtotal in whole cents, rounded half up."""
    return (subtotal_cents * tax_rate_bps + 5_000) // 10_000


def price_lines(catalogue: MenuSnapshot, store: TaxedStore, lines: Sequence[DrinkLine]) -> PricedOrder:
    """Price valid lines (`check_lines` found nothing) in the store's currency with its tax."""
    priced = tuple(_priced(catalogue, line) for line in lines)
    subtotal = sum(line.total_cents for line in priced)
    tax = tax_cents(subtotal, store.tax_rate_bps)
    return PricedOrder(
        currency=store.currency, lines=priced, subtotal_cents=subtotal, tax_cents=tax, total_cents=subtotal + tax
    )


def _priced(catalogue: MenuSnapshot, line: DrinkLine) -> PricedLine:
    size = catalogue.sizes[line.size]
    unit = unit_price_cents(line.recipe, size=size, catalogue=catalogue)
    return PricedLine(
        line=line,
        name=line_name(catalogue, line),
        unit_price_cents=unit,
        total_cents=unit * line.quantity,
        allergens=allergens(line.recipe, catalogue=catalogue),
        nutrition=nutrition(line.recipe, size=size, catalogue=catalogue),
    )
