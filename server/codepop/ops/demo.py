"""Reading the demo chain's files (server/demo) into the features' own data classes. Pure but for reading files."""

import base64
import csv
import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from codepop.catalog.services import CatalogueSpec, CategorySpec, DrinkSpec, IngredientSpec, SizeSpec
from codepop.stores.services import HubSpec, RegionSpec, StoreSpec

DEMO_FOLDER = Path(__file__).resolve().parents[2] / "demo"
_STORE_TEXTS = ("slug", "name", "region", "address", "city", "state", "postal_code", "timezone")
_STORE_NUMBERS = ("tax_rate_bps", "robots", "doors")
_KIND_FIELDS = ("unit", "portion_name", "portion_amount", "portion_volume_ml", "price_cents", "pack_amount")


@dataclass(frozen=True)
class PersonSpec:
    """An account; `scopes` are "chain", "region:CODE" or "store:SLUG". `shown` is how a printed log-in names it."""

    email: str
    name: str
    role: str
    scopes: tuple[str, ...]
    shown: str


def demo_totp_secret(email: str) -> str:
    """Return the second factor of a demo account: known to everybody, as the demo's password is."""
    return base64.b32encode(hashlib.sha256(f"CodePop demo {email}".encode()).digest()[:20]).decode()


@dataclass(frozen=True)
class PeopleSpec:
    """All accounts with the one password they share."""

    password: str
    people: Sequence[PersonSpec]


@dataclass(frozen=True)
class StockPlan:
    """What a store is stocked with: the kinds' par amounts, times a factor for some ingredients of some stores."""

    par: Mapping[str, int]
    threshold_percent: int
    factors: Mapping[str, Mapping[str, float]]

    def amount(self, store: str, kind: str, ingredient: str) -> int:
        """Units of an ingredient for a store, by their slugs."""
        return round(self.par[kind] * self.factors.get(store, {}).get(ingredient, 1.0))

    def threshold(self, kind: str) -> int:
        """Units at or below which the ingredient counts as low."""
        return self.par[kind] * self.threshold_percent // 100


@dataclass(frozen=True)
class DemoChain:
    """Everything that the files say. `touches` maps a region to those that border on it."""

    regions: Sequence[RegionSpec]
    touches: Mapping[str, tuple[str, ...]]
    stores: Sequence[StoreSpec]
    catalogue: CatalogueSpec
    stock: StockPlan
    people: PeopleSpec


def read_demo(folder: Path = DEMO_FOLDER) -> DemoChain:
    """Read all files of a folder. Raises FileNotFoundError, KeyError or ValueError when they are not whole."""
    regions = _toml(folder / "regions.toml")
    menu = _toml(folder / "menu.toml")
    stores = list(_stores(folder / "stores.csv", regions["hours"]))
    return DemoChain(
        regions=[RegionSpec(code=r["code"], name=r["name"], hub=HubSpec(**r["hub"])) for r in regions["regions"]],
        touches={region["code"]: tuple(region["touches"]) for region in regions["regions"]},
        stores=stores,
        catalogue=_catalogue(folder / "ingredients.csv", menu),
        stock=StockPlan(
            par={kind: values["par"] for kind, values in menu["kinds"].items()},
            threshold_percent=menu["threshold_percent"],
            factors={row["store"]: row["factors"] for row in menu.get("stock", ())},
        ),
        people=_people(_toml(folder / "people.toml"), regions["regions"], stores),
    )


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _stores(path: Path, plans: Mapping[str, Any]) -> Iterator[StoreSpec]:
    for row in _rows(path):
        values: dict[str, Any] = {name: row[name] for name in _STORE_TEXTS}
        values |= {name: int(row[name]) for name in _STORE_NUMBERS}
        values |= {name: float(row[name]) for name in ("lat", "lon")}
        yield StoreSpec(**values, hours=_hours(plans[row["hours"]]["spans"]))


def _hours(spans: Sequence[Mapping[str, Any]]) -> list[tuple[int, int, int]]:
    found = []
    for span in spans:
        opens, closes = _minute(span["opens"]), _minute(span["closes"])
        found += [(day, opens, closes if closes > opens else closes + 1440) for day in span["days"]]
    return sorted(found)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _catalogue(ingredients: Path, menu: Mapping[str, Any]) -> CatalogueSpec:
    return CatalogueSpec(
        ingredients=[_ingredient(row, menu["kinds"][row["kind"]]) for row in _rows(ingredients)],
        sizes=[SizeSpec(**size) for size in menu["sizes"]],
        categories=[CategorySpec(**category) for category in menu["categories"]],
        drinks=[_drink(dict(drink)) for drink in menu["drinks"]],
    )


def _ingredient(row: Mapping[str, str], kind: Mapping[str, Any]) -> IngredientSpec:
    return IngredientSpec(
        slug=row["slug"],
        name=row["name"],
        kind=row["kind"],
        color=row["color"],
        opacity_percent=int(row["opacity"]),
        flavour_family=row["family"],
        pairs_with=row["pairs_with"].split(),
        diet=row["diet"] == "yes",
        allergens=row["allergens"].split(),
        may_contain=row["may_contain"].split(),
        kcal_per_100=Decimal(row["kcal"]),
        sugar_g_per_100=Decimal(row["sugar_g"]),
        caffeine_mg_per_100=Decimal(row["caffeine_mg"]),
        **{name: kind[name] for name in _KIND_FIELDS},
    )


def _drink(values: dict[str, Any]) -> DrinkSpec:
    first, last = values.pop("season", ("", ""))
    return DrinkSpec(**values, season_from=first, season_to=last)


def _people(data: Mapping[str, Any], regions: Sequence[Mapping[str, Any]], stores: Sequence[StoreSpec]) -> PeopleSpec:
    people = [
        PersonSpec(row["email"], row["name"], row.get("role", ""), tuple(row.get("scopes", ())), row.get("shown", ""))
        for row in data["people"]
    ]
    taken = {(person.role, scope) for person in people for scope in person.scopes}
    places = [("each_store", f"store:{one.slug}", {"slug": one.slug, "name": one.name}) for one in stores]
    places += [("each_region", f"region:{one['code']}", {"code": one["code"], "name": one["name"]}) for one in regions]
    for table, scope, names in places:
        for row in data.get(table, ()):
            if (row["role"], scope) not in taken:
                email, name = row["email"].format(**names), row["name"].format(**names)
                people.append(PersonSpec(email, name, row["role"], (scope,), ""))
    return PeopleSpec(data["password"], people)
