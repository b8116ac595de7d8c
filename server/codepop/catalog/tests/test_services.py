"""Setting the catalogue up from data: all of it or nothing, with every mistake named."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from codepop.catalog import services
from codepop.catalog.errors import CatalogueInvalid, IngredientUnknown
from codepop.catalog.models import Ingredient
from codepop.catalog.selectors import catalogue
from codepop.catalog.services import CatalogueSpec, CategorySpec, DrinkSpec, IngredientSpec, SizeSpec

pytestmark = pytest.mark.django_db


def spec(slug: str, kind: str = "soda", allergens: tuple[str, ...] = ()) -> IngredientSpec:
    return IngredientSpec(
        slug=slug,
        name=slug.title(),
        kind=kind,
        unit="piece" if kind == "physical" else "ml",
        color="#112233",
        opacity_percent=80,
        flavour_family="cola",
        pairs_with=["citrus"],
        diet=False,
        allergens=list(allergens),
        may_contain=[],
        kcal_per_100=Decimal(42),
        sugar_g_per_100=Decimal("10.6"),
        caffeine_mg_per_100=Decimal(0),
        price_cents=0,
        portion_name="share",
        portion_amount=100,
        portion_volume_ml=100,
        pack_amount=1000,
    )


SMALL = CatalogueSpec(
    ingredients=[spec("cola"), spec("cream", "cream", ("milk",)), spec("cup", "physical"), spec("lid", "physical")],
    sizes=[
        SizeSpec(code="s24", name="24 oz", oz=24, volume_ml=710, price_cents=270, cup="cup", lid="lid", straw="lid")
    ],
    categories=[CategorySpec("classics", "Classics")],
    drinks=[
        DrinkSpec(
            slug="plain",
            name="Plain",
            description="Cola",
            categories=["classics"],
            tile="peach",
            popularity=1,
            parts={"cola": 1},
            season_from="09-01",
            season_to="11-30",
        )
    ],
)


@pytest.mark.req("DOM-52")
def test_the_same_data_twice_give_the_same_catalogue() -> None:
    first = services.put_catalogue(SMALL)
    drinks = catalogue().drinks
    assert services.put_catalogue(SMALL) == first
    assert catalogue().drinks == drinks
    (drink,) = drinks.values()
    assert drink.season == ((9, 1), (11, 30))


def test_changed_data_change_the_rows_and_not_their_ids() -> None:
    first = services.put_catalogue(SMALL)
    changed = [replace(SMALL.ingredients[0], price_cents=25), *SMALL.ingredients[1:]]
    drink = replace(SMALL.drinks[0], parts={"cola": 2, "cream": 1})
    assert services.put_catalogue(replace(SMALL, ingredients=changed, drinks=[drink])) == first
    found = catalogue()
    assert found.ingredients[first["cola"]].price_cents == 25
    (recipe,) = (one.recipe for one in found.drinks.values())
    assert [part.amount for part in recipe.creams] == [1]


def test_what_staff_took_off_the_menu_stays_off() -> None:
    ids = services.put_catalogue(SMALL)
    services.set_offered(ingredient_id=ids["cream"], offered=False)
    services.put_catalogue(SMALL)
    assert Ingredient.objects.get(slug="cream").offered is False
    with pytest.raises(IngredientUnknown):
        services.set_offered(ingredient_id=uuid4(), offered=False)


@pytest.mark.req("D7")
@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"ingredients": [spec("cola", allergens=("dust",))]}, "cola", "Unknown allergen dust"),
        ({"ingredients": [spec("cola", kind="soup")]}, "cola", "Unknown kind 'soup'"),
        ({"sizes": [replace(SMALL.sizes[0], cup="mug")]}, "s24", "Unknown ingredient mug"),
        ({"drinks": [replace(SMALL.drinks[0], parts={"kola": 1})]}, "plain", "size: kola"),
        ({"drinks": [replace(SMALL.drinks[0], categories=["odd"])]}, "plain", "size: odd"),
        ({"drinks": [replace(SMALL.drinks[0], default_size="s99")]}, "plain", "size: s99"),
        ({"drinks": [replace(SMALL.drinks[0], season_to="")]}, "plain", "first and a last day"),
        ({"drinks": [replace(SMALL.drinks[0], season_from="13-01")]}, "plain", "'13-01' is not a day"),
        ({"drinks": [replace(SMALL.drinks[0], parts={"cream": 1})]}, "plain", "Choose at least one soda"),
        (
            {"drinks": [replace(SMALL.drinks[0], parts={"cola": 1, "cream": 9})]},
            "plain",
            "portions must be from 1 to 3",
        ),
    ],
)
def test_a_mistake_is_named(change: dict[str, object], field: str, text: str) -> None:
    with pytest.raises(CatalogueInvalid) as refusal:
        services.put_catalogue(replace(SMALL, **change))  # type: ignore[arg-type]  # one field of the spec
    assert text in refusal.value.fields[field]
