"""The catalogue as a frozen value: what quoting, the menu and the robots' recipes calculate with. Pure.

`selectors.catalogue()` hands one out; nothing in it changes afterwards, so it is shared by all requests of a process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID


@dataclass(frozen=True)
class Rules:
    """The limits of the builder and of one order; the app shows them, `recipe.validate` enforces them."""

    max_drinks: int = 12
    max_per_line: int = 12
    max_pumps_per_syrup: int = 6
    max_syrups: int = 6
    max_addins: int = 4
    max_sodas: int = 3
    max_creams: int = 2
    max_juices: int = 3
    max_ice_creams: int = 2
    max_portions: int = 3
    """Of one juice, cream, add-in or ice cream."""
    max_share: int = 10
    min_soda_percent: int = 25
    """The part of the cup that must stay soda; more extras than that do not fit."""
    max_name_length: int = 30


@dataclass(frozen=True)
class IceShare:
    """An ice level: how many hundredths of the cup the ice fills."""

    code: str
    name: str
    percent: int


ICE_LEVELS = (
    IceShare("none", "No ice", 0),
    IceShare("light", "Light", 15),
    IceShare("regular", "Regular", 30),
    IceShare("extra", "Extra", 45),
)


class Group(NamedTuple):
    """A list of a recipe: which kind of ingredient it takes, and what its amounts are called in JSON."""

    name: str
    kind: str
    amount_name: str


GROUPS = (
    Group("sodas", "soda", "share"),
    Group("syrups", "syrup", "pumps"),
    Group("juices", "juice", "portions"),
    Group("creams", "cream", "portions"),
    Group("add_ins", "add_in", "portions"),
    Group("ice_creams", "ice_cream", "portions"),
)
GROUP_OF_KIND = {group.kind: group for group in GROUPS}


class Part(NamedTuple):
    """So much of an ingredient: a relative share for sodas, pumps for syrups, portions for the others."""

    ingredient_id: UUID
    amount: int


@dataclass(frozen=True)
class Recipe:
    """What a drink is made of, apart from its size. The order inside a group is the order in which it was chosen."""

    sodas: tuple[Part, ...] = ()
    syrups: tuple[Part, ...] = ()
    juices: tuple[Part, ...] = ()
    creams: tuple[Part, ...] = ()
    add_ins: tuple[Part, ...] = ()
    ice_creams: tuple[Part, ...] = ()
    ice: str = "regular"

    def group(self, name: str) -> tuple[Part, ...]:
        """The parts of one of GROUPS by its name."""
        parts: tuple[Part, ...] = getattr(self, name)
        return parts

    def parts(self) -> Iterator[tuple[Group, int, Part]]:
        """Every part with its group and its place in the group."""
        for group in GROUPS:
            for index, part in enumerate(self.group(group.name)):
                yield group, index, part

    def as_json(self) -> dict[str, Any]:
        """The recipe as the API and stored order lines write it."""
        lists: dict[str, Any] = {
            group.name: [
                {"ingredient_id": str(part.ingredient_id), group.amount_name: part.amount}
                for part in self.group(group.name)
            ]
            for group in GROUPS
        }
        return {**lists, "ice": self.ice}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Recipe":
        """Read what `as_json` wrote; missing groups are empty. Raises KeyError or ValueError on anything else."""
        groups = {
            group.name: tuple(
                Part(UUID(str(row["ingredient_id"])), int(row[group.amount_name])) for row in data.get(group.name, ())
            )
            for group in GROUPS
        }
        return cls(**groups, ice=str(data.get("ice", "regular")))


@dataclass(frozen=True, kw_only=True)
class DrinkLine:
    """One line of a cart: `quantity` equal drinks of a size; a preset's id and the customer's own name are optional."""

    size: str
    quantity: int
    recipe: Recipe
    drink_id: UUID | None = None
    name: str | None = None


@dataclass(frozen=True)
class Nutrition:
    """Energy, sugar and caffeine. Exact in thousandths of their unit, so that sums do not depend on their order."""

    millikcal: int = 0
    sugar_mg: int = 0
    caffeine_ug: int = 0

    def __add__(self, other: "Nutrition") -> "Nutrition":
        return Nutrition(
            self.millikcal + other.millikcal, self.sugar_mg + other.sugar_mg, self.caffeine_ug + other.caffeine_ug
        )

    def of(self, amount: int) -> "Nutrition":
        """What `amount` units hold, when this is the content of 100 units."""
        return Nutrition(
            self.millikcal * amount // 100, self.sugar_mg * amount // 100, self.caffeine_ug * amount // 100
        )

    @property
    def kcal(self) -> int:
        return (self.millikcal + 500) // 1000

    @property
    def sugar_g(self) -> int:
        return (self.sugar_mg + 500) // 1000

    @property
    def caffeine_mg(self) -> int:
        return (self.caffeine_ug + 500) // 1000


@dataclass(frozen=True, kw_only=True)
class MenuIngredient:
    """An ingredient; `nutrition_per_100` is for 100 units, `portion_volume_ml` the room one portion takes."""

    id: UUID
    slug: str
    name: str
    kind: str
    unit: str
    color: str
    opacity_percent: int
    flavour_family: str
    pairs_with: tuple[str, ...]
    diet: bool
    allergens: tuple[str, ...]
    may_contain: tuple[str, ...]
    nutrition_per_100: Nutrition
    price_cents: int
    portion_name: str
    portion_amount: int
    portion_volume_ml: int
    pack_amount: int
    offered: bool

    @property
    def label(self) -> str:
        """The name as it is spoken inside a sentence: "peach syrup", "cola", "vanilla ice cream"."""
        name = self.name.lower()
        return f"{name} syrup" if self.kind == "syrup" and "syrup" not in name else name


@dataclass(frozen=True, kw_only=True)
class MenuSize:
    """A cup size and the things that one drink of it takes besides its contents."""

    id: UUID
    code: str
    name: str
    oz: int
    volume_ml: int
    price_cents: int
    physical: tuple[UUID, ...]


@dataclass(frozen=True)
class MenuCategory:
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class MenuDrink:
    """A preset. `season` is ((month, day), (month, day)), both inclusive, or None for all year."""

    id: UUID
    slug: str
    name: str
    description: str
    categories: tuple[str, ...]
    tile: str
    season: tuple[tuple[int, int], tuple[int, int]] | None
    popularity: int
    default_size: str
    recipe: Recipe

    def in_season(self, day: date) -> bool:
        """Whether the drink is offered on this date of the store's own calendar."""
        if self.season is None:
            return True
        first, last = self.season
        today = (day.month, day.day)
        if first <= last:
            return first <= today <= last
        return today >= first or today <= last


@dataclass(frozen=True, kw_only=True, eq=False)
class MenuSnapshot:
    """The whole catalogue of one version. Sizes from small to large, drinks by popularity.

    Compared and hashed by identity, so that what is worked out from one can be kept beside it.
    """

    version: UUID | None
    changed_at: datetime | None
    ingredients: Mapping[UUID, MenuIngredient]
    sizes: Mapping[str, MenuSize]
    categories: tuple[MenuCategory, ...]
    drinks: Mapping[UUID, MenuDrink]
    ice: MenuIngredient | None
    ice_levels: tuple[IceShare, ...] = ICE_LEVELS
    rules: Rules = field(default_factory=Rules)

    def ice_percent(self, code: str) -> int | None:
        """How many hundredths of the cup an ice level fills; None for a code that does not exist."""
        return next((level.percent for level in self.ice_levels if level.code == code), None)

    def drinks_on(self, day: date) -> list[MenuDrink]:
        """The drinks offered on this date of a store's calendar."""
        return [drink for drink in self.drinks.values() if drink.in_season(day)]
