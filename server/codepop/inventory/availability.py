"""What can be sold with what is free, and what to say where it cannot. Pure.

`free` maps ingredient ids to units on hand that nobody has reserved; an ingredient without an entry has none.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from uuid import UUID

from codepop.catalog.menu import DrinkLine, MenuDrink, MenuIngredient, MenuSize, MenuSnapshot
from codepop.catalog.recipe import amounts, line_amounts

Free = Mapping[UUID, int]


def portions_left(ingredient: MenuIngredient, free: Free) -> int:
    """How many whole portions are left."""
    return max(free.get(ingredient.id, 0), 0) // ingredient.portion_amount


def is_available(ingredient: MenuIngredient, free: Free) -> bool:
    """Whether at least one portion is left."""
    return ingredient.offered and portions_left(ingredient, free) > 0


def out_of(labels: Sequence[str]) -> str:
    """A short sentence: "Out of cola and peach syrup."."""
    *others, last = labels
    return f"Out of {', '.join(others)} and {last}." if others else f"Out of {last}."


def size_problem(size: MenuSize, catalogue: MenuSnapshot, free: Free) -> str | None:
    """Why this size cannot be sold, or None."""
    missing = [catalogue.ingredients[one].label + "s" for one in size.physical if free.get(one, 0) < 1]
    return out_of(missing) if missing else None


def drink_problem(drink: MenuDrink, catalogue: MenuSnapshot, free: Free) -> str | None:
    """Why a preset cannot be made as it stands on the menu (own recipe, default size), or None."""
    needed = _default_amounts(catalogue)[drink.id]
    missing = [_label(catalogue, one) for one, amount in needed.items() if free.get(one, 0) < amount]
    return out_of(missing) if missing else None


@lru_cache(maxsize=2)
def _default_amounts(catalogue: MenuSnapshot) -> Mapping[UUID, Mapping[UUID, int]]:
    return {
        drink.id: amounts(drink.recipe, size=catalogue.sizes[drink.default_size], catalogue=catalogue)
        for drink in catalogue.drinks.values()
    }


def _label(catalogue: MenuSnapshot, ingredient_id: UUID) -> str:
    ingredient = catalogue.ingredients[ingredient_id]
    return f"{ingredient.label}s" if ingredient.kind == "physical" else ingredient.label


def total_amounts(catalogue: MenuSnapshot, lines: Iterable[DrinkLine]) -> dict[UUID, int]:
    """What all the lines together take, shared ingredients added up; in the order of the ingredients' ids."""
    total: dict[UUID, int] = {}
    for line in lines:
        for ingredient_id, amount in line_amounts(line, catalogue=catalogue).items():
            total[ingredient_id] = total.get(ingredient_id, 0) + amount
    return dict(sorted(total.items()))


def stock_problems(catalogue: MenuSnapshot, lines: Sequence[DrinkLine], free: Free) -> dict[str, str]:
    """What the store cannot make of these valid lines, by field path ("lines.0.recipe.syrups.1"), or nothing."""
    short = [one for one, amount in total_amounts(catalogue, lines).items() if free.get(one, 0) < amount]
    return problems_of_missing(catalogue, lines, short, free)


def problems_of_missing(
    catalogue: MenuSnapshot, lines: Sequence[DrinkLine], missing: Collection[UUID], free: Free
) -> dict[str, str]:
    """Point at every field that asks for a missing ingredient, with what helps."""
    problems: dict[str, str] = {}
    for index, line in enumerate(lines):
        for path, ingredient_id in _fields(line, catalogue):
            if ingredient_id in missing:
                message = _refusal(catalogue.ingredients[ingredient_id], free)
                problems.setdefault(f"lines.{index}.{path}", message)
    return problems


def _fields(line: DrinkLine, catalogue: MenuSnapshot) -> Iterator[tuple[str, UUID]]:
    for group, index, part in line.recipe.parts():
        yield f"recipe.{group.name}.{index}", part.ingredient_id
    if catalogue.ice is not None and catalogue.ice_percent(line.recipe.ice):
        yield "recipe.ice", catalogue.ice.id
    for physical in catalogue.sizes[line.size].physical:
        yield "size", physical


def _refusal(ingredient: MenuIngredient, free: Free) -> str:
    label = ingredient.label
    left = portions_left(ingredient, free)
    if ingredient.kind == "physical":
        return f"Out of {label}s: choose another size." if not left else f"Only {left} {label}s left: take fewer."
    if ingredient.kind == "ice":
        return "Out of ice: choose no ice."
    if not left:
        return f"{label[:1].upper()}{label[1:]} is sold out: leave it out or choose another one."
    if ingredient.kind == "soda":
        return f"Not enough {label} left for this order: choose another soda or fewer drinks."
    plural = "" if left == 1 else "s"
    return f"Only {left} {ingredient.portion_name}{plural} of {label} left for the whole order: take less."
