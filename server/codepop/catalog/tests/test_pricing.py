"""Money: whole cents, tax once per order, half up; and refusals that point at their line."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepop.catalog.menu import DrinkLine, MenuDrink, Part, Recipe
from codepop.catalog.pricing import check_lines, price_lines, tax_cents
from codepop.catalog.tests.test_recipe import CATALOGUE, COLA, CREAM, SUNSET, SYRUPS

TODAY = date(2026, 11, 23)
DRINK = MenuDrink(
    id=uuid4(),
    slug="canyon-sunset",
    name="Canyon Sunset",
    description="",
    categories=(),
    tile="peach",
    season=((9, 1), (11, 30)),
    popularity=1,
    default_size="s24",
    recipe=SUNSET,
)
MENU = replace(CATALOGUE, drinks={DRINK.id: DRINK})


@dataclass(frozen=True)
class Place:
    currency: str = "usd"
    tax_rate_bps: int = 700


def line(**values: object) -> DrinkLine:
    return replace(DrinkLine(size="s24", quantity=1, recipe=SUNSET), **values)  # type: ignore[arg-type]  # any field


@pytest.mark.req("CORE-02", "DB-01")
def test_lines_subtotal_tax_and_total() -> None:
    plain = Recipe(sodas=(Part(COLA.id, 1),))
    order = price_lines(MENU, Place(), [line(quantity=2, drink_id=DRINK.id), line(size="s16", recipe=plain)])
    assert [(one.name, one.unit_price_cents, one.total_cents) for one in order.lines] == [
        ("Canyon Sunset", 425, 850),
        ("My cola", 230, 230),
    ]
    assert (order.subtotal_cents, order.tax_cents, order.total_cents) == (1080, 76, 1156)
    assert order.lines[0].allergens.contains == ("milk",)


@pytest.mark.req("DOM-10")
def test_a_name_of_ones_own_wins() -> None:
    order = price_lines(MENU, Place(), [line(drink_id=DRINK.id, name=" Grandma's ")])
    assert order.lines[0].name == "Grandma's"


@pytest.mark.parametrize(
    ("subtotal", "bps", "tax"),
    [(0, 700, 0), (100, 700, 7), (50, 700, 4), (49, 700, 3), (7, 700, 0), (8, 700, 1), (1000, 0, 0), (333, 1025, 34)],
)
def test_tax_is_rounded_half_up_to_whole_cents(subtotal: int, bps: int, tax: int) -> None:
    assert tax_cents(subtotal, bps) == tax


@given(st.integers(0, 10_000_000), st.integers(0, 4999))
def test_tax_is_within_half_a_cent(subtotal: int, bps: int) -> None:
    assert abs(tax_cents(subtotal, bps) * 10_000 - subtotal * bps) <= 5_000


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(0, 1500))
def test_sums_hold(quantities: list[int], bps: int) -> None:
    order = price_lines(MENU, Place(tax_rate_bps=bps), [line(quantity=quantity) for quantity in quantities])
    assert order.subtotal_cents == sum(one.unit_price_cents * one.line.quantity for one in order.lines)
    assert order.total_cents == order.subtotal_cents + order.tax_cents


@pytest.mark.req("DOM-11")
@pytest.mark.parametrize(
    ("lines", "path", "message"),
    [
        ([], "lines", "Your cart is empty"),
        ([line(quantity=12), line()], "lines", "At most 12 drinks in one order: take out 1."),
        ([line(quantity=0)], "lines.0.quantity", "Quantity must be from 1 to 12."),
        ([line(quantity=-3)], "lines.0.quantity", "Quantity must be from 1 to 12."),
        ([line(), line(size="s99")], "lines.1.size", "Size must be one of s16, s24, s32."),
        ([line(name="x" * 31)], "lines.0.name", "at most 30 characters"),
        ([line(drink_id=uuid4())], "lines.0.drink_id", "not on the menu any more"),
        ([line(recipe=replace(SUNSET, syrups=(Part(SYRUPS[0].id, 9),)))], "lines.0.recipe.syrups.0", "from 1 to 6"),
    ],
)
def test_what_cannot_be_sold_says_where_and_why(lines: list[DrinkLine], path: str, message: str) -> None:
    problems = check_lines(MENU, lines, day=TODAY)
    assert list(problems) == [path]
    assert message in problems[path]


@pytest.mark.req("DOM-11")
def test_the_limits_themselves_are_allowed() -> None:
    assert check_lines(MENU, [line(quantity=12)], day=TODAY) == {}
    assert check_lines(MENU, [line(quantity=6), line(quantity=6, name="x" * 30)], day=TODAY) == {}


@pytest.mark.req("DOM-16")
def test_a_drink_out_of_season_is_refused_but_its_recipe_is_not() -> None:
    january = date(2027, 1, 5)
    assert check_lines(MENU, [line(drink_id=DRINK.id)], day=january) == {
        "lines.0.drink_id": "Canyon Sunset is out of season: choose another one."
    }
    assert check_lines(MENU, [line()], day=january) == {}


@pytest.mark.req("DOM-16")
@pytest.mark.parametrize(
    ("first", "last", "day", "offered"),
    [
        ((9, 1), (11, 30), date(2026, 9, 1), True),
        ((9, 1), (11, 30), date(2026, 11, 30), True),
        ((9, 1), (11, 30), date(2026, 12, 1), False),
        ((11, 15), (2, 28), date(2026, 12, 31), True),
        ((11, 15), (2, 28), date(2027, 2, 28), True),
        ((11, 15), (2, 28), date(2028, 2, 29), False),
        ((11, 15), (2, 28), date(2027, 11, 14), False),
    ],
)
def test_seasons_may_pass_new_year(first: tuple[int, int], last: tuple[int, int], day: date, offered: bool) -> None:
    assert replace(DRINK, season=(first, last)).in_season(day) is offered
    assert replace(DRINK, season=None).in_season(day) is True


def test_cream_is_not_forgotten_in_the_price() -> None:
    three = replace(SUNSET, creams=(Part(CREAM.id, 3),))
    assert price_lines(MENU, Place(tax_rate_bps=0), [line(recipe=three)]).total_cents == 270 + 80 + 225
