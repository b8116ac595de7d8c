"""The catalogue as one value, and that no process ever works with an old one."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.db import transaction as django_transaction
from pytest_django import DjangoAssertNumQueries

from codepop.catalog import services
from codepop.catalog.models import CatalogVersion, Drink, DrinkPart, Ingredient
from codepop.catalog.selectors import catalogue, ingredient_names
from codepop.catalog.tests.factories import make_catalogue, make_drink, make_ingredient

pytestmark = pytest.mark.django_db


def test_it_holds_what_the_tables_hold() -> None:
    small = make_catalogue()
    found = catalogue()
    drink = found.drinks[small.drink.id]
    assert (drink.name, drink.default_size, drink.categories) == ("Canyon Sunset", "s24", ("classics",))
    assert [(part.ingredient_id, part.amount) for part in drink.recipe.syrups] == [(small.peach.id, 2)]
    assert list(found.sizes) == ["s16", "s24", "s32"]
    assert found.ice is not None
    assert found.ice.id == small.ice.id
    assert found.ingredients[small.cola.id].nutrition_per_100.sugar_mg == 10_600
    assert found.ingredients[small.peach.id].label == "peach syrup"


@pytest.mark.req("CORE-02")
def test_quoting_needs_one_query_while_nothing_changes(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_catalogue()
    first = catalogue()
    with django_assert_num_queries(1):
        assert catalogue() is first


@pytest.mark.parametrize("change", ["update", "insert", "delete", "parts", "bulk", "sql"])
def test_any_change_is_seen_at_once(change: str) -> None:
    small = make_catalogue()
    before = catalogue()
    if change == "update":
        services.set_offered(ingredient_id=small.peach.id, offered=False)
    elif change == "insert":
        make_ingredient(kind="syrup")
    elif change == "delete":
        Drink.objects.all().delete()
    elif change == "parts":
        DrinkPart.objects.filter(ingredient=small.peach).update(amount=3)
    elif change == "bulk":
        Ingredient.objects.bulk_update([Ingredient(id=small.cola.id, price_cents=5)], ["price_cents"])
    else:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_size SET price_cents = price_cents + 1")
    after = catalogue()
    assert after is not before
    assert after.version != before.version


def test_a_rolled_back_change_leaves_no_trace_in_the_process() -> None:
    small = make_catalogue()
    before = catalogue()
    try:
        with django_transaction.atomic():
            Ingredient.objects.filter(id=small.cola.id).update(price_cents=99)
            assert catalogue().ingredients[small.cola.id].price_cents == 99
            raise RuntimeError
    except RuntimeError:
        pass
    assert catalogue().version == before.version
    assert catalogue().ingredients[small.cola.id].price_cents == 0
    Ingredient.objects.filter(id=small.cola.id).update(price_cents=7)
    assert catalogue().ingredients[small.cola.id].price_cents == 7


def test_without_a_version_nothing_is_kept() -> None:
    small = make_catalogue()
    catalogue()
    CatalogVersion.objects.all().delete()
    assert catalogue().version is None
    assert catalogue() is not catalogue()
    assert small.cola.id in catalogue().ingredients


def test_drinks_no_longer_offered_are_gone_but_their_ingredients_keep_their_names() -> None:
    small = make_catalogue()
    Drink.objects.update(offered=False)
    Ingredient.objects.filter(id=small.peach.id).update(offered=False)
    assert catalogue().drinks == {}
    assert ingredient_names([small.peach.id]) == {small.peach.id: "Peach"}


@pytest.mark.req("DOM-29", "D7")
def test_the_database_refuses_unknown_allergens_units_and_seasons() -> None:
    small = make_catalogue()
    for values, constraint in (
        ({"allergens": ["plutonium"]}, "ingredient_allergens_known"),
        ({"may_contain": ["plutonium"]}, "ingredient_allergens_known"),
        ({"unit": "barrel"}, "ingredient_unit_known"),
        ({"kind": "soup"}, "ingredient_kind_known"),
        ({"portion_amount": 0}, "ingredient_portion_positive"),
        ({"kcal_per_100": Decimal(-1)}, "ingredient_nutrition_positive"),
    ):
        with pytest.raises(IntegrityError, match=constraint), django_transaction.atomic():
            Ingredient.objects.filter(id=small.cola.id).update(**values)
    with pytest.raises(IntegrityError, match="drink_season_whole"), django_transaction.atomic():
        make_drink(parts={small.cola: 1}, default_size=small.s24, season_from="09-01")
