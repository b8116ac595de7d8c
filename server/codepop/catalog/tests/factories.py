"""Rows of the catalogue with every value defaulted; `make_catalogue` is the smallest menu one can order from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from codepop.catalog.models import Category, Drink, DrinkPart, Ingredient, IngredientKind, Size, Unit

_number = count(1)
_PORTIONS: Mapping[str, tuple[str, str, int, int]] = {
    # kind: (unit, portion name, portion amount, room in the cup in ml)
    IngredientKind.SODA: (Unit.MILLILITRE, "share", 100, 100),
    IngredientKind.SYRUP: (Unit.MILLILITRE, "pump", 8, 8),
    IngredientKind.JUICE: (Unit.MILLILITRE, "splash", 30, 30),
    IngredientKind.CREAM: (Unit.MILLILITRE, "splash", 30, 30),
    IngredientKind.ADD_IN: (Unit.PIECE, "piece", 1, 8),
    IngredientKind.ICE_CREAM: (Unit.GRAM, "scoop", 65, 90),
    IngredientKind.ICE: (Unit.GRAM, "gram", 1, 1),
    IngredientKind.PHYSICAL: (Unit.PIECE, "piece", 1, 0),
}


def make_ingredient(
    *,
    kind: str = IngredientKind.SODA,
    name: str | None = None,
    slug: str | None = None,
    price_cents: int = 0,
    portion_amount: int | None = None,
    allergens: Sequence[str] = (),
    may_contain: Sequence[str] = (),
    diet: bool = False,
    flavour_family: str = "",
    color: str = "#5b2a1b",
    kcal_per_100: Decimal | int = 0,
    sugar_g_per_100: Decimal | int = 0,
    caffeine_mg_per_100: Decimal | int = 0,
) -> Ingredient:
    """An ingredient whose unit and portion follow from its kind."""
    number = next(_number)
    unit, portion_name, default_amount, volume = _PORTIONS[kind]
    return Ingredient.objects.create(
        slug=slug or f"{kind}-{number}".replace("_", "-"),
        name=name or f"{kind.replace('_', ' ').capitalize()} {number}",
        kind=kind,
        unit=unit,
        color=color,
        diet=diet,
        flavour_family=flavour_family,
        allergens=list(allergens),
        may_contain=list(may_contain),
        kcal_per_100=kcal_per_100,
        sugar_g_per_100=sugar_g_per_100,
        caffeine_mg_per_100=caffeine_mg_per_100,
        price_cents=price_cents,
        portion_name=portion_name,
        portion_amount=portion_amount or default_amount,
        portion_volume_ml=(portion_amount or volume) if unit == Unit.MILLILITRE else volume,
        pack_amount=1000,
    )


def make_size(*, code: str = "s24", oz: int = 24, volume_ml: int = 710, price_cents: int = 270) -> Size:
    """A size with its own cup, lid and straw."""
    cup, lid, straw = (
        make_ingredient(kind=IngredientKind.PHYSICAL, name=f"{oz} oz {thing}") for thing in ("cup", "lid", "straw")
    )
    return Size.objects.create(
        code=code, name=f"{oz} oz", oz=oz, volume_ml=volume_ml, price_cents=price_cents, cup=cup, lid=lid, straw=straw
    )


def make_category(*, code: str | None = None, name: str = "Sodas") -> Category:
    return Category.objects.create(code=code or f"category-{next(_number)}", name=name)


def make_drink(
    *,
    parts: Mapping[Ingredient, int],
    default_size: Size,
    name: str | None = None,
    slug: str | None = None,
    ice: str = "regular",
    categories: Sequence[str] = (),
    season_from: str = "",
    season_to: str = "",
    popularity: int = 0,
) -> Drink:
    """A drink; `parts` maps ingredients to shares, pumps or portions."""
    number = next(_number)
    drink = Drink.objects.create(
        slug=slug or f"drink-{number}",
        name=name or f"Drink {number}",
        description="Made for a test.",
        categories=list(categories),
        default_size=default_size,
        ice=ice,
        season_from=season_from,
        season_to=season_to,
        popularity=popularity,
    )
    DrinkPart.objects.bulk_create(
        DrinkPart(drink=drink, ingredient=ingredient, amount=amount, position=position)
        for position, (ingredient, amount) in enumerate(parts.items())
    )
    return drink


@dataclass(frozen=True, kw_only=True)
class SmallCatalogue:
    """What `make_catalogue` made, by name."""

    s16: Size
    s24: Size
    s32: Size
    ice: Ingredient
    cola: Ingredient
    lemon_soda: Ingredient
    peach: Ingredient
    lime_juice: Ingredient
    cream: Ingredient
    cherry: Ingredient
    ice_cream: Ingredient
    drink: Drink
    """Canyon Sunset: cola, two pumps of peach, one portion of vanilla cream, 24 oz."""

    def ingredients(self) -> list[Ingredient]:
        """Everything that can run out, cups, lids and straws included."""
        sizes = (self.s16, self.s24, self.s32)
        return [
            self.ice,
            self.cola,
            self.lemon_soda,
            self.peach,
            self.lime_juice,
            self.cream,
            self.cherry,
            self.ice_cream,
            *(part for size in sizes for part in (size.cup, size.lid, size.straw)),
        ]


def make_catalogue() -> SmallCatalogue:
    """Three sizes, one or two ingredients of each kind, and one drink."""
    s16 = make_size(code="s16", oz=16, volume_ml=473, price_cents=230)
    s24 = make_size(code="s24", oz=24, volume_ml=710, price_cents=270)
    s32 = make_size(code="s32", oz=32, volume_ml=946, price_cents=310)
    make_category(code="classics", name="Classics")
    kind = IngredientKind
    cola = make_ingredient(
        name="Cola", slug="cola", kcal_per_100=42, sugar_g_per_100=Decimal("10.6"), caffeine_mg_per_100=Decimal("9.6")
    )
    peach = make_ingredient(
        kind=kind.SYRUP, name="Peach", slug="peach", price_cents=40, kcal_per_100=260, sugar_g_per_100=65
    )
    cream = make_ingredient(
        kind=kind.CREAM,
        name="Vanilla cream",
        slug="vanilla-cream",
        price_cents=75,
        allergens=["milk"],
        kcal_per_100=300,
    )
    return SmallCatalogue(
        s16=s16,
        s24=s24,
        s32=s32,
        ice=make_ingredient(kind=kind.ICE, name="Ice", slug="ice"),
        cola=cola,
        lemon_soda=make_ingredient(name="Lemon soda", slug="lemon-soda", kcal_per_100=40, sugar_g_per_100=10),
        peach=peach,
        lime_juice=make_ingredient(kind=kind.JUICE, name="Lime juice", slug="lime-juice", price_cents=50),
        cream=cream,
        cherry=make_ingredient(kind=kind.ADD_IN, name="Cherry", slug="cherry", price_cents=40),
        ice_cream=make_ingredient(
            kind=kind.ICE_CREAM,
            name="Vanilla ice cream",
            slug="vanilla-ice-cream",
            price_cents=120,
            allergens=["milk"],
            may_contain=["tree_nuts"],
        ),
        drink=make_drink(
            parts={cola: 1, peach: 2, cream: 1},
            default_size=s24,
            name="Canyon Sunset",
            slug="canyon-sunset",
            categories=["classics"],
        ),
    )
