"""The menu of a store over HTTP: the catalogue as its stock allows it now, with an ETag."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from codepop.catalog.menu import (
    GROUP_OF_KIND,
    MenuDrink,
    MenuIngredient,
    MenuSize,
    MenuSnapshot,
)
from codepop.catalog.recipe import allergens, unit_price_cents
from codepop.catalog.selectors import catalogue
from codepop.core.schemas import ErrorOut
from codepop.inventory.availability import Free, drink_problem, is_available, out_of, size_problem
from codepop.inventory.selectors import free_amounts
from codepop.kit.clock import now
from codepop.stores.selectors import StoreView, get_store_by_slug

router = Router(tags=["menu"])
KEPT_MENUS = 64
"""Rendered menus kept by a process; one is about 60 kB."""


class CategoryOut(Schema):
    code: str
    name: str


class SizeOut(Schema):
    code: str
    name: str
    oz: int
    volume_ml: int
    price_cents: int
    available: bool
    unavailable_reason: str | None


class IceLevelOut(Schema):
    """`share` is the part of the cup that the ice fills, 0 to 1."""

    code: str
    name: str
    share: float


class RulesOut(Schema):
    max_drinks: int
    max_per_line: int
    max_pumps_per_syrup: int
    max_syrups: int
    max_addins: int
    max_sodas: int
    max_creams: int
    max_juices: int
    max_ice_creams: int
    max_portions: int
    max_share: int
    min_soda_percent: int
    max_name_length: int


class SodaPartOut(Schema):
    """Shares are relative: 1 and 1 are halves, 3 and 1 three quarters and a quarter."""

    ingredient_id: UUID
    share: int


class SyrupPartOut(Schema):
    ingredient_id: UUID
    pumps: int


class PortionPartOut(Schema):
    ingredient_id: UUID
    portions: int


class RecipeOut(Schema):
    sodas: list[SodaPartOut]
    syrups: list[SyrupPartOut]
    juices: list[PortionPartOut]
    creams: list[PortionPartOut]
    add_ins: list[PortionPartOut]
    ice_creams: list[PortionPartOut]
    ice: str


class SeasonOut(Schema):
    """First and last day, MM-DD, both included; the first may be later in the year than the last."""

    model_config = ConfigDict(populate_by_name=True)

    first: str = Field(alias="from")
    to: str


class DrinkOut(Schema):
    """A preset in its default size. `available` is about that size and recipe; the builder may still make a variant."""

    id: UUID
    slug: str
    name: str
    description: str
    categories: list[str]
    tile: str
    season: SeasonOut | None
    default_size: str
    recipe: RecipeOut
    price_cents: int
    allergens: list[str]
    may_contain: list[str]
    available: bool
    unavailable_reason: str | None
    popularity: int


class IngredientPortionOut(Schema):
    """`room_ml` is how much of the cup one portion takes."""

    name: str
    amount: int
    unit: str
    room_ml: int


class NutritionOut(Schema):
    kcal: float
    sugar_g: float
    caffeine_mg: float


class IngredientNutritionOut(Schema):
    """Of one portion; for sodas of 100 ml."""

    per_portion: NutritionOut


class IngredientOut(Schema):
    id: UUID
    slug: str
    name: str
    kind: str
    flavour_family: str | None
    pairs_with: list[str]
    color: str
    opacity: float
    diet: bool
    price_cents: int
    portion: IngredientPortionOut
    allergens: list[str]
    may_contain: list[str]
    nutrition: IngredientNutritionOut
    available: bool
    unavailable_reason: str | None
    back_about: str | None


class MenuOut(Schema):
    """All that can be ordered in a store. `generated_at` is when the catalogue last changed; availability is of now."""

    store_id: UUID
    currency: str
    tax_rate_bps: int
    generated_at: datetime
    categories: list[CategoryOut]
    sizes: list[SizeOut]
    ice_levels: list[IceLevelOut]
    rules: RulesOut
    drinks: list[DrinkOut]
    ingredients: list[IngredientOut]


@router.get(
    "/stores/{slug}/menu",
    operation_id="get_menu",
    response={200: MenuOut, 304: None, 404: ErrorOut},
    by_alias=True,
    summary="What a store can make now",
)
def get_menu(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the menu, or 304 when `If-None-Match` names the present one.

    The ETag is strong: it changes with the catalogue, the season, the store's tax and what is sold out, and equal
    ETags mean equal bytes.
    """
    store = get_store_by_slug(slug)
    snapshot = catalogue()
    free = free_amounts(store.id)
    offer = _offer(store, snapshot, free)
    etag = offer.etag()
    response = HttpResponse(_rendered(etag, offer), content_type="application/json; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response


@dataclass(frozen=True)
class _Offer:
    """All that a rendered menu depends on. A problem is why something cannot be sold, or None."""

    store: StoreView
    snapshot: MenuSnapshot
    drinks: Sequence[tuple[MenuDrink, str | None]]
    sizes: Sequence[tuple[MenuSize, str | None]]
    ingredients: Sequence[tuple[MenuIngredient, bool]]

    def etag(self) -> str:
        """A strong ETag: equal offers give equal bytes in every process."""
        facts = (
            self.snapshot.version,
            self.store.id,
            self.store.currency,
            self.store.tax_rate_bps,
            [(drink.id, problem) for drink, problem in self.drinks],
            [(size.code, problem) for size, problem in self.sizes],
            [ingredient.id for ingredient, available in self.ingredients if not available],
        )
        return f'"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}"'


def _offer(store: StoreView, snapshot: MenuSnapshot, free: Free) -> _Offer:
    today = store.local_date(now())
    on_menu = [one for one in snapshot.ingredients.values() if one.offered and one.kind in GROUP_OF_KIND]
    return _Offer(
        store=store,
        snapshot=snapshot,
        drinks=[(drink, drink_problem(drink, snapshot, free)) for drink in snapshot.drinks_on(today)],
        sizes=[(size, size_problem(size, snapshot, free)) for size in snapshot.sizes.values()],
        ingredients=[(one, is_available(one, free)) for one in on_menu],
    )


_kept: OrderedDict[str, bytes] = OrderedDict()
_kept_lock = Lock()


def _rendered(etag: str, offer: _Offer) -> bytes:
    """The menu's bytes, rendered once for each ETag as long as it is among the last used ones."""
    with _kept_lock:
        if (body := _kept.get(etag)) is not None:
            _kept.move_to_end(etag)
            return body
    body = _menu_out(offer).model_dump_json(by_alias=True).encode()
    with _kept_lock:
        _kept[etag] = body
        while len(_kept) > KEPT_MENUS:
            _kept.popitem(last=False)
    return body


def _menu_out(offer: _Offer) -> MenuOut:
    snapshot = offer.snapshot
    filled = {code for drink, _ in offer.drinks for code in drink.categories}
    return MenuOut(
        store_id=offer.store.id,
        currency=offer.store.currency,
        tax_rate_bps=offer.store.tax_rate_bps,
        generated_at=snapshot.changed_at or now(),
        categories=[CategoryOut(code=one.code, name=one.name) for one in snapshot.categories if one.code in filled],
        sizes=[_size_out(size, problem) for size, problem in offer.sizes],
        ice_levels=[IceLevelOut(code=one.code, name=one.name, share=one.percent / 100) for one in snapshot.ice_levels],
        rules=RulesOut(**asdict(snapshot.rules)),
        drinks=[_drink_out(drink, problem, snapshot) for drink, problem in offer.drinks],
        ingredients=[_ingredient_out(one, available) for one, available in offer.ingredients],
    )


def _size_out(size: MenuSize, problem: str | None) -> SizeOut:
    return SizeOut(
        code=size.code,
        name=size.name,
        oz=size.oz,
        volume_ml=size.volume_ml,
        price_cents=size.price_cents,
        available=problem is None,
        unavailable_reason=problem,
    )


def _drink_out(drink: MenuDrink, problem: str | None, snapshot: MenuSnapshot) -> DrinkOut:
    size = snapshot.sizes[drink.default_size]
    known = allergens(drink.recipe, catalogue=snapshot)
    return DrinkOut(
        id=drink.id,
        slug=drink.slug,
        name=drink.name,
        description=drink.description,
        categories=list(drink.categories),
        tile=drink.tile,
        season=_season_out(drink),
        default_size=drink.default_size,
        recipe=RecipeOut.model_validate(drink.recipe.as_json()),
        price_cents=unit_price_cents(drink.recipe, size=size, catalogue=snapshot),
        allergens=list(known.contains),
        may_contain=list(known.may_contain),
        available=problem is None,
        unavailable_reason=problem,
        popularity=drink.popularity,
    )


def _season_out(drink: MenuDrink) -> SeasonOut | None:
    if drink.season is None:
        return None
    first, last = (f"{month:02d}-{day:02d}" for month, day in drink.season)
    return SeasonOut.model_validate({"from": first, "to": last})


def _ingredient_out(one: MenuIngredient, available: bool) -> IngredientOut:
    shown = one.nutrition_per_100.of(100 if one.kind == "soda" else one.portion_amount)
    return IngredientOut(
        id=one.id,
        slug=one.slug,
        name=one.name,
        kind=one.kind,
        flavour_family=one.flavour_family or None,
        pairs_with=list(one.pairs_with),
        color=one.color,
        opacity=one.opacity_percent / 100,
        diet=one.diet,
        price_cents=one.price_cents,
        portion=IngredientPortionOut(
            name=one.portion_name, amount=one.portion_amount, unit=one.unit, room_ml=one.portion_volume_ml
        ),
        allergens=list(one.allergens),
        may_contain=list(one.may_contain),
        nutrition=IngredientNutritionOut(
            per_portion=NutritionOut(
                kcal=shown.millikcal / 1000, sugar_g=shown.sugar_mg / 1000, caffeine_mg=shown.caffeine_ug / 1000
            )
        ),
        available=available,
        unavailable_reason=None if available else out_of([one.label]),
        back_about=None,
    )
