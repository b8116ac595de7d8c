"""From a plan's draws to the lines of an order, out of what the menu offers now. Pure."""

import copy
from typing import Any

from simulator.customers.plans import Drink

Json = dict[str, Any]

_PART = {"syrup": ("syrups", "pumps"), "cream": ("creams", "portions"), "add_in": ("add_ins", "portions")}


def lines_for(drinks: tuple[Drink, ...], menu: Json, *, skip: int = 0) -> list[Json]:
    """Return the lines; `skip` moves on to other drinks after a refusal. Empty when nothing is on offer."""
    offered = [one for one in menu["drinks"] if one["available"]]
    if not offered:
        return []
    return [_line(drink, offered, menu, skip) for drink in drinks]


def _line(drink: Drink, offered: list[Json], menu: Json, skip: int) -> Json:
    chosen = offered[(int(drink.choice * len(offered)) + skip) % len(offered)]
    sizes = [size["code"] for size in menu["sizes"]]
    recipe = copy.deepcopy(chosen["recipe"])
    custom = drink.custom and _change(recipe, drink.change + skip, menu)
    return {
        "drink_id": chosen["id"],
        "name": "My own" if custom else None,
        "size": sizes[int(drink.size * len(sizes))],
        "quantity": drink.quantity,
        "recipe": recipe,
    }


def _change(recipe: Json, change: int, menu: Json) -> bool:
    """Add one more thing that the builder's rules allow; say whether there was one."""
    wanted = [one for one in menu["ingredients"] if one["available"] and one["kind"] in _PART]
    if not wanted:
        return False
    extra = wanted[change % len(wanted)]
    group, measure = _PART[extra["kind"]]
    limit = menu["rules"][{"syrups": "max_syrups", "creams": "max_creams", "add_ins": "max_addins"}[group]]
    parts = recipe.setdefault(group, [])
    if len(parts) >= limit or any(part["ingredient_id"] == extra["id"] for part in parts):
        recipe["ice"] = "light"
        return True
    parts.append({"ingredient_id": extra["id"], measure: 1})
    return True
