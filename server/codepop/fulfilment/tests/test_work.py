"""What a robot gets to make an order."""

from collections import Counter
from itertools import combinations_with_replacement, permutations

import pytest

from codepop.catalog.menu import Part, Recipe
from codepop.catalog.models import Ingredient, IngredientKind
from codepop.catalog.selectors import catalogue
from codepop.catalog.tests.factories import make_catalogue, make_ingredient
from codepop.fulfilment.work import DrinkWork, LineToMake, order_work

pytestmark = pytest.mark.django_db


def _line(name: str, soda: Ingredient, *creams: Ingredient) -> LineToMake:
    recipe = Recipe(sodas=(Part(soda.id, 1),), creams=tuple(Part(cream.id, 1) for cream in creams))
    return LineToMake(name=name, size="s24", quantity=1, recipe=recipe)


def _rinses(cup: DrinkWork) -> list[int]:
    return [at for at, step in enumerate(cup.steps) if step.kind == "rinse"]


@pytest.mark.req("D7", "D8")
def test_no_cup_of_an_order_gets_an_allergen_of_another_one() -> None:
    """Each may be for another person. All orders of up to four cups: with none, one, another, or both allergens."""
    small = make_catalogue()
    almond = make_ingredient(kind=IngredientKind.CREAM, name="Almond cream", slug="almond", allergens=["tree_nuts"])
    kinds = [
        _line("plain", small.cola),
        _line("milk", small.cola, small.cream),
        _line("nuts", small.cola, almond),
        _line("both", small.cola, small.cream, almond),
    ]
    found = catalogue()
    for many in range(1, 5):
        for chosen in combinations_with_replacement(kinds, many):
            for lines in set(permutations(chosen)):
                cups = order_work(lines, catalogue=found).drinks
                assert Counter(cup.name for cup in cups) == Counter(line.name for line in lines)
                in_nozzle: set[str] = set()
                for cup in cups:
                    needed = not in_nozzle <= set(cup.allergens)
                    assert _rinses(cup) == [0] * needed, [one.name for one in cups]
                    in_nozzle = set(cup.allergens) | (set() if needed else in_nozzle)


@pytest.mark.req("D8")
def test_plain_cups_are_made_before_creamy_ones() -> None:
    """A plain cup after a creamy one would cost a rinse; before it, it costs none."""
    small = make_catalogue()
    lines = [_line("milk", small.cola, small.cream), _line("plain", small.cola), _line("milk", small.cola, small.cream)]
    work = order_work(lines, catalogue=catalogue())
    assert [cup.name for cup in work.drinks] == ["plain", "milk", "milk"]
    assert not any(map(_rinses, work.drinks))
    assert (work.allergens, work.allergens_of_first) == (["milk"], ())
