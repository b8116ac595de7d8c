"""What is sold out, what to say, and which field to point at."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepop.catalog.menu import DrinkLine, Part, Recipe
from codepop.catalog.tests.test_pricing import DRINK, MENU
from codepop.catalog.tests.test_recipe import ALL, COLA, CREAM, CUP, ICE, LEMON, LID, SIZES, SUNSET, SYRUPS
from codepop.inventory.availability import (
    drink_problem,
    is_available,
    out_of,
    portions_left,
    size_problem,
    stock_problems,
    total_amounts,
)

FULL = {one.id: 100_000 for one in ALL}
PEACH = SYRUPS[0]


def line(recipe: Recipe = SUNSET, quantity: int = 1, size: str = "s24") -> DrinkLine:
    return DrinkLine(size=size, quantity=quantity, recipe=recipe)


@pytest.mark.req("D12")
def test_a_portion_or_nothing() -> None:
    assert portions_left(PEACH, {PEACH.id: 19}) == 1
    assert is_available(PEACH, {PEACH.id: 10})
    assert not is_available(PEACH, {PEACH.id: 9})
    assert not is_available(PEACH, {})
    assert portions_left(PEACH, {PEACH.id: -5}) == 0


def test_sentences() -> None:
    assert out_of(["cola"]) == "Out of cola."
    assert out_of(["cola", "peach syrup", "ice"]) == "Out of cola, peach syrup and ice."


@pytest.mark.req("D12")
def test_a_drink_needs_its_default_recipe_in_its_default_size() -> None:
    assert drink_problem(DRINK, MENU, FULL) is None
    assert drink_problem(DRINK, MENU, {**FULL, COLA.id: 447}) is None
    assert drink_problem(DRINK, MENU, {**FULL, COLA.id: 446}) == "Out of cola."
    assert drink_problem(DRINK, MENU, {**FULL, CUP.id: 0}) == "Out of cups."
    assert drink_problem(DRINK, MENU, {**FULL, PEACH.id: 0, CREAM.id: 29}) == "Out of syrup 0 and vanilla cream."


def test_a_size_needs_its_cup_lid_and_straw() -> None:
    assert size_problem(SIZES["s16"], MENU, FULL) is None
    assert size_problem(SIZES["s16"], MENU, {**FULL, LID.id: 0}) == "Out of lids."


@pytest.mark.req("D12", "DOM-30")
def test_shared_ingredients_are_added_up_over_the_whole_cart() -> None:
    lines = [line(quantity=2), line(quantity=3)]
    assert total_amounts(MENU, lines)[PEACH.id] == 100
    assert stock_problems(MENU, lines, {**FULL, PEACH.id: 100}) == {}
    assert stock_problems(MENU, lines, {**FULL, PEACH.id: 99}) == {
        f"lines.{index}.recipe.syrups.0": "Only 9 portions of syrup 0 left for the whole order: take less."
        for index in (0, 1)
    }


@pytest.mark.req("D12")
@pytest.mark.parametrize(
    ("short", "left", "path", "message"),
    [
        (PEACH, 0, "lines.0.recipe.syrups.0", "Syrup 0 is sold out: leave it out or choose another one."),
        (PEACH, 10, "lines.0.recipe.syrups.0", "Only 1 portion of syrup 0 left for the whole order: take less."),
        (
            COLA,
            400,
            "lines.0.recipe.sodas.0",
            "Not enough cola left for this order: choose another soda or fewer drinks.",
        ),
        (CUP, 0, "lines.0.size", "Out of cups: choose another size."),
        (ICE, 0, "lines.0.recipe.ice", "Out of ice: choose no ice."),
    ],
)
def test_the_field_that_asks_too_much_and_what_helps(short: object, left: int, path: str, message: str) -> None:
    assert stock_problems(MENU, [line()], {**FULL, short.id: left}) == {path: message}  # type: ignore[attr-defined]


def test_without_ice_nobody_misses_ice() -> None:
    assert stock_problems(MENU, [line(replace(SUNSET, ice="none"))], {**FULL, ICE.id: 0}) == {}


def test_too_few_cups_for_many_drinks() -> None:
    problems = stock_problems(MENU, [line(quantity=3)], {**FULL, CUP.id: 2})
    assert problems == {"lines.0.size": "Only 2 cups left: take fewer."}


@given(
    st.lists(st.tuples(st.sampled_from(sorted(SIZES)), st.integers(1, 4), st.booleans()), min_size=1, max_size=4),
    st.fixed_dictionaries({one.id: st.integers(0, 3000) for one in (COLA, LEMON, PEACH, CREAM, ICE, CUP)}),
)
def test_problems_exactly_when_something_lacks(wanted: list[tuple[str, int, bool]], free: dict[UUID, int]) -> None:
    light = Recipe(sodas=(Part(LEMON.id, 1), Part(COLA.id, 2)), ice="light")
    lines = [line(light if other else SUNSET, quantity, size) for size, quantity, other in wanted]
    stock = {**FULL, **free}
    lacking = any(stock[one] < amount for one, amount in total_amounts(MENU, lines).items())
    assert bool(stock_problems(MENU, lines, stock)) is lacking
