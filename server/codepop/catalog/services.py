"""Commands on the catalogue. Every change gives it a new version by the tables' own triggers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Model

from codepop.catalog.allergens import ALLERGENS
from codepop.catalog.errors import CatalogueInvalid, IngredientUnknown
from codepop.catalog.models import Category, Drink, DrinkPart, Ingredient, IngredientKind, Size
from codepop.catalog.recipe import validate
from codepop.catalog.selectors import catalogue
from codepop.core.db import transaction_required


@dataclass(frozen=True, kw_only=True)
class IngredientSpec:
    """An ingredient as data; the fields are those of the table."""

    slug: str
    name: str
    kind: str
    unit: str
    color: str
    opacity_percent: int
    flavour_family: str
    pairs_with: list[str]
    diet: bool
    allergens: list[str]
    may_contain: list[str]
    kcal_per_100: Decimal
    sugar_g_per_100: Decimal
    caffeine_mg_per_100: Decimal
    price_cents: int
    portion_name: str
    portion_amount: int
    portion_volume_ml: int
    pack_amount: int


@dataclass(frozen=True, kw_only=True)
class SizeSpec:
    """A size as data; cup, lid and straw are slugs of physical ingredients."""

    code: str
    name: str
    oz: int
    volume_ml: int
    price_cents: int
    cup: str
    lid: str
    straw: str


@dataclass(frozen=True)
class CategorySpec:
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class DrinkSpec:
    """A drink as data; `parts` maps ingredients' slugs to shares, pumps or portions, in the order of the recipe."""

    slug: str
    name: str
    description: str
    categories: list[str]
    tile: str
    popularity: int
    parts: Mapping[str, int]
    season_from: str = ""
    season_to: str = ""
    default_size: str = "s24"
    ice: str = "regular"


@dataclass(frozen=True, kw_only=True)
class CatalogueSpec:
    """A whole catalogue as data."""

    ingredients: Sequence[IngredientSpec]
    sizes: Sequence[SizeSpec]
    categories: Sequence[CategorySpec]
    drinks: Sequence[DrinkSpec] = field(default_factory=tuple)


@transaction_required
def put_catalogue(spec: CatalogueSpec) -> dict[str, UUID]:
    """Make or update everything of the spec; what it does not name stays. Returns the ingredients' ids by slug.

    Raises CatalogueInvalid when an allergen, a slug or a category is unknown, or a drink breaks the builder's rules.
    """
    _check(spec)
    _upsert([Ingredient(**asdict(one), position=at) for at, one in enumerate(spec.ingredients, 1)], "slug")
    ids = dict(Ingredient.objects.values_list("slug", "id"))
    _upsert([_size(one, ids) for one in spec.sizes], "code")
    _upsert([Category(code=one.code, name=one.name, position=at) for at, one in enumerate(spec.categories, 1)], "code")
    sizes = dict(Size.objects.values_list("code", "id"))
    _upsert([_drink(one, sizes) for one in spec.drinks], "slug")
    _put_parts(spec.drinks, ids)
    _check_drinks(spec)
    return ids


@transaction_required
def set_offered(*, ingredient_id: UUID, offered: bool) -> None:
    """Take an ingredient off every menu, or put it back. Raises IngredientUnknown."""
    if not Ingredient.objects.filter(id=ingredient_id).update(offered=offered):
        raise IngredientUnknown


def _upsert(rows: Sequence[Model], key: str) -> None:
    if rows:
        kept = {"id", "created_at", "offered", key}
        names = [one.name for one in type(rows[0])._meta.concrete_fields if one.name not in kept]
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=[key], update_fields=names
        )


def _size(one: SizeSpec, ids: Mapping[str, UUID]) -> Size:
    return Size(
        code=one.code,
        name=one.name,
        oz=one.oz,
        volume_ml=one.volume_ml,
        price_cents=one.price_cents,
        cup_id=ids[one.cup],
        lid_id=ids[one.lid],
        straw_id=ids[one.straw],
    )


def _drink(one: DrinkSpec, sizes: Mapping[str, UUID]) -> Drink:
    values = {name: value for name, value in asdict(one).items() if name not in ("parts", "default_size")}
    return Drink(**values, default_size_id=sizes[one.default_size])


def _put_parts(drinks: Sequence[DrinkSpec], ids: Mapping[str, UUID]) -> None:
    drink_ids = dict(Drink.objects.values_list("slug", "id"))
    wanted = [
        (drink_ids[drink.slug], ids[slug], amount, position)
        for drink in drinks
        for position, (slug, amount) in enumerate(drink.parts.items())
    ]
    rows = DrinkPart.objects.filter(drink__slug__in=[drink.slug for drink in drinks])
    present = set(rows.values_list("drink_id", "ingredient_id", "amount", "position"))
    if present != set(wanted):
        rows.delete()
        DrinkPart.objects.bulk_create(
            DrinkPart(drink_id=drink_id, ingredient_id=ingredient_id, amount=amount, position=position)
            for drink_id, ingredient_id, amount, position in wanted
        )


def _check(spec: CatalogueSpec) -> None:
    problems: dict[str, str] = {}
    known = {one.slug for one in spec.ingredients} | set(Ingredient.objects.values_list("slug", flat=True))
    categories = {one.code for one in spec.categories} | set(Category.objects.values_list("code", flat=True))
    sizes = {one.code for one in spec.sizes} | set(Size.objects.values_list("code", flat=True))
    for one in spec.ingredients:
        if unknown := {*one.allergens, *one.may_contain} - set(ALLERGENS):
            problems[one.slug] = f"Unknown allergen {', '.join(sorted(unknown))}; use {', '.join(ALLERGENS)}."
        if one.kind not in IngredientKind.values:
            problems[one.slug] = f"Unknown kind {one.kind!r}; use {', '.join(IngredientKind.values)}."
    for size in spec.sizes:
        if unknown := {size.cup, size.lid, size.straw} - known:
            problems[size.code] = f"Unknown ingredient {', '.join(sorted(unknown))}."
    for drink in spec.drinks:
        if unknown := set(drink.parts) - known | set(drink.categories) - categories | {drink.default_size} - sizes:
            problems[drink.slug] = f"Unknown ingredient, category or size: {', '.join(sorted(unknown))}."
        elif problem := _season_problem(drink):
            problems[drink.slug] = problem
    if problems:
        raise CatalogueInvalid(fields=problems)


def _season_problem(drink: DrinkSpec) -> str | None:
    if bool(drink.season_from) != bool(drink.season_to):
        return "A season needs a first and a last day."
    for text in filter(None, (drink.season_from, drink.season_to)):
        try:
            date.fromisoformat(f"2024-{text}")
        except ValueError:
            return f"{text!r} is not a day; write MM-DD, for example 09-15."
    return None


def _check_drinks(spec: CatalogueSpec) -> None:
    snapshot = catalogue()
    by_slug = {drink.slug: drink for drink in snapshot.drinks.values()}
    problems = {}
    for one in spec.drinks:
        drink = by_slug.get(one.slug)
        if drink is None:
            continue
        found = validate(drink.recipe, size=snapshot.sizes[drink.default_size], catalogue=snapshot)
        if found:
            problems[one.slug] = f"{found[0].path}: {found[0].message}"
    if problems:
        raise CatalogueInvalid(fields=problems)
