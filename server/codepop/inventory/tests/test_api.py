"""The menu over HTTP: true, cheap, and the same bytes for the same state."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from codepop.catalog.models import Drink, Ingredient
from codepop.catalog.tests.factories import SmallCatalogue, make_catalogue, make_drink
from codepop.inventory import services
from codepop.inventory.api import MenuOut
from codepop.inventory.tests.factories import set_stock, stock_store
from codepop.kit.clock import frozen
from codepop.stores.models import Store
from codepop.stores.tests.factories import make_store

pytestmark = pytest.mark.django_db
MENU = "/api/v1/stores/main/menu"


@pytest.fixture
def store() -> Store:
    return make_store(slug="main", robots=1)


@pytest.fixture
def small(store: Store) -> SmallCatalogue:
    found = make_catalogue()
    stock_store(store=store, ingredients=found.ingredients())
    return found


@pytest.mark.req("CORE-02", "DOM-12")
def test_the_menu_of_a_stocked_store(client: Client, store: Store, small: SmallCatalogue) -> None:
    answer = client.get(MENU)
    assert answer.status_code == 200
    menu = answer.json()
    MenuOut.model_validate(menu)
    assert (menu["store_id"], menu["currency"], menu["tax_rate_bps"]) == (str(store.id), "usd", 700)
    assert menu["categories"] == [{"code": "classics", "name": "Classics"}]
    assert [(one["code"], one["volume_ml"], one["price_cents"], one["available"]) for one in menu["sizes"]] == [
        ("s16", 473, 230, True),
        ("s24", 710, 270, True),
        ("s32", 946, 310, True),
    ]
    assert [(one["code"], one["share"]) for one in menu["ice_levels"]] == [
        ("none", 0),
        ("light", 0.15),
        ("regular", 0.3),
        ("extra", 0.45),
    ]
    assert menu["rules"]["max_pumps_per_syrup"] == 6
    (drink,) = menu["drinks"]
    assert (drink["name"], drink["price_cents"], drink["allergens"], drink["available"], drink["season"]) == (
        "Canyon Sunset",
        425,
        ["milk"],
        True,
        None,
    )
    assert drink["recipe"]["syrups"] == [{"ingredient_id": str(small.peach.id), "pumps": 2}]
    assert {one["kind"] for one in menu["ingredients"]} == {"soda", "syrup", "juice", "cream", "add_in", "ice_cream"}
    peach = next(one for one in menu["ingredients"] if one["slug"] == "peach")
    assert peach["portion"] == {"name": "pump", "amount": 8, "unit": "ml", "room_ml": 8}
    assert peach["nutrition"] == {"per_portion": {"kcal": 20.8, "sugar_g": 5.2, "caffeine_mg": 0}}
    assert (peach["price_cents"], peach["available"], peach["back_about"]) == (40, True, None)
    ice_cream = next(one for one in menu["ingredients"] if one["kind"] == "ice_cream")
    assert (ice_cream["allergens"], ice_cream["may_contain"]) == (["milk"], ["tree_nuts"])


@pytest.mark.req("D12")
def test_what_is_sold_out_says_so(client: Client, store: Store, small: SmallCatalogue) -> None:
    set_stock(store=store, ingredient=small.cola, on_hand=99)
    set_stock(store=store, ingredient=small.s16.lid, on_hand=0)
    menu = client.get(MENU).json()
    assert (menu["drinks"][0]["available"], menu["drinks"][0]["unavailable_reason"]) == (False, "Out of cola.")
    cola = next(one for one in menu["ingredients"] if one["slug"] == "cola")
    assert (cola["available"], cola["unavailable_reason"]) == (False, "Out of cola.")
    assert (menu["sizes"][0]["available"], menu["sizes"][0]["unavailable_reason"]) == (False, "Out of 16 oz lids.")


def test_a_store_with_empty_shelves_shows_everything_as_sold_out(client: Client) -> None:
    make_store(slug="main")
    make_catalogue()
    menu = client.get(MENU).json()
    assert not any(one["available"] for one in menu["drinks"] + menu["ingredients"] + menu["sizes"])


@pytest.mark.req("DB-03")
def test_three_queries(
    client: Client, small: SmallCatalogue, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(MENU)
    with django_assert_num_queries(3):
        client.get(MENU)


@pytest.mark.req("CORE-02")
def test_the_same_state_is_not_sent_twice(client: Client, store: Store, small: SmallCatalogue) -> None:
    first = client.get(MENU)
    again = client.get(MENU, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert not first["ETag"].startswith("W/")
    assert client.get(MENU).content == first.content
    services.receive(store_id=store.id, amounts={small.cola.id: 1000})
    assert client.get(MENU, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize("change", ["sold out", "price", "tax", "drink"])
def test_another_state_has_another_etag(client: Client, store: Store, small: SmallCatalogue, change: str) -> None:
    first = client.get(MENU)
    if change == "sold out":
        set_stock(store=store, ingredient=small.peach, on_hand=0)
    elif change == "price":
        Ingredient.objects.filter(id=small.peach.id).update(price_cents=45)
    elif change == "tax":
        Store.objects.update(tax_rate_bps=800)
    else:
        Drink.objects.update(description="Now with more peach")
    second = client.get(MENU, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert second["ETag"] != first["ETag"]
    assert second.content != first.content


@pytest.mark.req("DOM-16")
def test_seasons_turn_at_the_stores_own_midnight(client: Client, small: SmallCatalogue) -> None:
    autumn = make_drink(
        parts={small.cola: 1},
        default_size=small.s16,
        season_from="09-01",
        season_to="11-30",
        categories=["classics"],
        popularity=99,
    )
    last_evening = datetime(2026, 12, 1, 6, 59, tzinfo=UTC)
    with frozen(last_evening) as clock:
        first = client.get(MENU)
        assert first.json()["drinks"][0]["id"] == str(autumn.id)
        assert first.json()["drinks"][0]["season"] == {"from": "09-01", "to": "11-30"}
        clock.advance(minutes=1)
        second = client.get(MENU, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert [one["id"] for one in second.json()["drinks"]] == [str(small.drink.id)]


def test_an_unknown_store(client: Client) -> None:
    answer = client.get("/api/v1/stores/nowhere/menu")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "store_unknown")
