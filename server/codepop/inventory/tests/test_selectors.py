"""What staff see of their stock."""

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from codepop.catalog.selectors import catalogue
from codepop.catalog.tests.factories import make_catalogue
from codepop.inventory import selectors, services
from codepop.inventory.tests.factories import set_stock, stock_store
from codepop.stores.tests.factories import make_store

pytestmark = pytest.mark.django_db


@pytest.mark.req("DOM-29")
def test_levels_show_what_is_low_first(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    store, small = make_store(), make_catalogue()
    stock_store(store=store, ingredients=[small.cola, small.peach, small.s24.cup], on_hand=1000, low_threshold=200)
    set_stock(store=store, ingredient=small.peach, on_hand=250)
    services.reserve(store_id=store.id, reference=uuid4(), amounts={small.peach.id: 50})
    catalogue()
    with django_assert_num_queries(2):
        levels = selectors.levels(store.id)
    peach = levels[0]
    assert (peach.name, peach.on_hand, peach.reserved, peach.free, peach.portions) == ("Peach", 250, 50, 200, 25)
    assert [one.low for one in levels] == [True, False, False]
    services.set_low_threshold(store_id=store.id, ingredient_id=small.peach.id, threshold=199)
    assert not any(one.low for one in selectors.levels(store.id))


@pytest.mark.req("D12")
def test_portions_count_what_nobody_has_reserved() -> None:
    store, small = make_store(), make_catalogue()
    stock_store(store=store, ingredients=[small.peach], on_hand=100)
    services.reserve(store_id=store.id, reference=uuid4(), amounts={small.peach.id: 30})
    portions = selectors.available_portions(store.id)
    assert portions[small.peach.id] == 8
    assert portions[small.cola.id] == 0


def test_stores_do_not_share_shelves() -> None:
    here, there, small = make_store(), make_store(), make_catalogue()
    stock_store(store=here, ingredients=[small.peach], on_hand=100)
    assert selectors.free_amounts(there.id) == {}
    assert selectors.reservation(uuid4()) is None
