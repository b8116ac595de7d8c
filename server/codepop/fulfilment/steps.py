"""From the parts of a drink to the steps a robot walks, and what a customer reads while it does. Pure.

The order is that of a bar: cup, ice, syrups and juices, soda on top of them, cream, what swims on it, ice cream,
lid, label. Seconds are what the machine plans with; they also make the promise of the queue.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["rinse", "cup", "ice", "pour", "pump", "add", "blend", "lid", "label"]
PartKind = Literal["soda", "syrup", "juice", "cream", "add_in", "ice_cream"]

SECONDS_PER_PUMP = 1.0
POUR_ML_PER_SECOND = 40.0
SECONDS_PER_ADDED_PORTION = 2.0
SECONDS_PER_ICE_CREAM_PORTION = 4.0
_FIXED_SECONDS: dict[Kind, float] = {"rinse": 8.0, "cup": 2.0, "ice": 2.0, "lid": 2.0, "label": 1.0}
_PUT_IN_ORDER: tuple[PartKind, ...] = ("syrup", "juice", "soda", "cream", "add_in", "ice_cream")


@dataclass(frozen=True)
class Part:
    """One ingredient of one drink: how many portions, and how much that is in its unit."""

    name: str
    kind: PartKind
    portions: int
    amount: int
    unit: str


@dataclass(frozen=True)
class Step:
    """One movement of the robot."""

    kind: Kind
    ingredient: str | None
    amount: int
    unit: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the step as the device API shows it."""
        return asdict(self)


def steps_for(parts: Iterable[Part], *, ice: str) -> list[Step]:
    """Return the steps of one drink; `ice` is the level's code, "none" leaves the step out."""
    ordered = sorted(parts, key=lambda part: _PUT_IN_ORDER.index(part.kind))
    middle = [_step(part) for part in ordered]
    with_ice = [] if ice == "none" else [_fixed("ice")]
    return [_fixed("cup"), *with_ice, *middle, _fixed("lid"), _fixed("label")]


def rinse() -> Step:
    """Return the step that frees the nozzles of what the cup before had."""
    return _fixed("rinse")


def _fixed(kind: Kind) -> Step:
    return Step(kind=kind, ingredient=None, amount=1, unit="piece", seconds=_FIXED_SECONDS[kind])


def _step(part: Part) -> Step:
    kind: Kind
    if part.kind == "syrup":
        kind, seconds = "pump", SECONDS_PER_PUMP * part.portions
    elif part.kind == "add_in":
        kind, seconds = "add", SECONDS_PER_ADDED_PORTION * part.portions
    elif part.kind == "ice_cream":
        kind, seconds = "add", SECONDS_PER_ICE_CREAM_PORTION * part.portions
    else:
        kind, seconds = "pour", part.amount / POUR_ML_PER_SECOND
    return Step(
        kind=kind, ingredient=part.name, amount=part.amount, unit=part.unit, seconds=round(max(seconds, 0.5), 1)
    )


def total_seconds(steps: Iterable[Step]) -> int:
    """Return how long the steps take, in whole seconds, rounded up to the next."""
    return int(-(-sum(step.seconds for step in steps) // 1))


_TEXTS: dict[Kind, str] = {
    "rinse": "Rinsing the nozzles",
    "cup": "Taking a fresh cup",
    "ice": "Adding ice",
    "lid": "Putting the lid on",
    "label": "Writing your label",
}
_VERBS: dict[Kind, str] = {"pour": "Pouring", "pump": "Adding", "add": "Adding", "blend": "Blending"}


def step_text(kind: str, ingredient: str | None) -> str:
    """Say what the robot is doing, as in "Pouring peach"; an unknown kind reads "Making your drink"."""
    for known, text in _TEXTS.items():
        if kind == known:
            return text
    for known, verb in _VERBS.items():
        if kind == known and ingredient:
            return f"{verb} {_short(ingredient)}"
    return "Making your drink"


def _short(ingredient: str) -> str:
    """Return the name as it is spoken inside a sentence; abbreviated proper names ("Dr. Spice") stay as they are."""
    return ingredient if "." in ingredient else ingredient.lower().removesuffix(" syrup")


def share_done(drinks: Sequence[Sequence[float]], *, drink_index: int, step_index: int) -> float:
    """Return 0..1: how much of the whole order's time lies behind when this step begins.

    `drinks` holds the seconds of each drink's steps; indexes beyond the end count as all done.
    """
    total = sum(map(sum, drinks)) or 1.0
    before = sum(map(sum, drinks[:drink_index]))
    within = sum(drinks[drink_index][:step_index]) if drink_index < len(drinks) else 0.0
    return round(min(1.0, (before + within) / total), 3)
