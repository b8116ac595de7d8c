"""What a robot gets to make an order: each cup with its steps, from the recipes the customer saw. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from codepop.catalog.menu import MenuSnapshot, Recipe
from codepop.catalog.recipe import allergens, amounts
from codepop.fulfilment.steps import Part, PartKind, Step, rinse, steps_for, total_seconds


@dataclass(frozen=True)
class LineToMake:
    """A line of the order as it was bought."""

    name: str
    size: str
    quantity: int
    recipe: Recipe


@dataclass(frozen=True)
class DrinkWork:
    """One cup."""

    name: str
    size: str
    volume_ml: int
    steps: tuple[Step, ...]
    allergens: tuple[str, ...]


@dataclass(frozen=True)
class OrderWork:
    """All cups of one order, in the order in which they are made."""

    drinks: tuple[DrinkWork, ...]

    @property
    def seconds(self) -> int:
        """Return how long the robot needs by plan."""
        return sum(total_seconds(drink.steps) for drink in self.drinks)

    @property
    def allergens(self) -> list[str]:
        """Return what the order contains; traces are not counted, the nozzle is rinsed for what was in it."""
        return sorted({name for drink in self.drinks for name in drink.allergens})

    @property
    def allergens_of_first(self) -> tuple[str, ...]:
        """Return what the cup contains that the robot makes first."""
        return self.drinks[0].allergens

    def as_json(self) -> list[dict[str, Any]]:
        """Return the cups as the device API shows them."""
        return [
            {
                "index": index,
                "name": drink.name,
                "size": drink.size,
                "volume_ml": drink.volume_ml,
                "steps": [step.as_json() for step in drink.steps],
            }
            for index, drink in enumerate(self.drinks)
        ]


def order_work(lines: Iterable[LineToMake], *, catalogue: MenuSnapshot) -> OrderWork:
    """Return the work of an order; a line of three drinks gives three cups.

    Those with the fewest allergens come first, and one that lacks what a cup before it had begins with a rinse: each
    may be for another person (D7, D8).
    """
    cups = [cup for line in lines for cup in [_cup(line, catalogue)] * line.quantity]
    return OrderWork(drinks=tuple(_kept_apart(sorted(cups, key=lambda cup: len(cup.allergens)))))


def _kept_apart(cups: Iterable[DrinkWork]) -> Iterator[DrinkWork]:
    in_nozzle: set[str] = set()
    for cup in cups:
        if in_nozzle <= set(cup.allergens):
            yield cup
        else:
            yield replace(cup, steps=(rinse(), *cup.steps))
            in_nozzle.clear()
        in_nozzle.update(cup.allergens)


def _cup(line: LineToMake, catalogue: MenuSnapshot) -> DrinkWork:
    size = catalogue.sizes[line.size]
    steps = steps_for(_parts(line, catalogue), ice=line.recipe.ice)
    contained = allergens(line.recipe, catalogue=catalogue).contains
    return DrinkWork(line.name, size.name, size.volume_ml, tuple(steps), contained)


def _parts(line: LineToMake, catalogue: MenuSnapshot) -> Iterable[Part]:
    taken = amounts(line.recipe, size=catalogue.sizes[line.size], catalogue=catalogue)
    for group, _, part in line.recipe.parts():
        ingredient = catalogue.ingredients[part.ingredient_id]
        yield Part(
            name=ingredient.name,
            kind=cast("PartKind", group.kind),
            portions=1 if group.kind == "soda" else part.amount,
            amount=taken.get(part.ingredient_id, 0),
            unit=ingredient.unit,
        )


@dataclass(frozen=True)
class Position:
    """Where in its work a robot is: the step that begins now."""

    drink_index: int
    step_index: int

    def step_of(self, drinks: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        """Return the step in the work's own JSON, or None beyond its end."""
        if not 0 <= self.drink_index < len(drinks):
            return None
        steps = cast("list[dict[str, Any]]", drinks[self.drink_index]["steps"])
        return steps[self.step_index] if 0 <= self.step_index < len(steps) else None
