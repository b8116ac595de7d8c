"""Finding stores and machines."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from codepop.stores import selectors
from codepop.stores.errors import DeviceRefused, DoorUnknown, RobotUnknown, StoreUnknown
from codepop.stores.models import SpecialDay, Store
from codepop.stores.tests.factories import make_door_controller, make_hub, make_robot, make_robot_device, make_store

pytestmark = pytest.mark.django_db


@pytest.mark.req("DOM-07")
def test_a_store_that_did_not_change_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = make_store(hours=[(0, 420, 1320), (0, 60, 120), (6, 540, 1260)], robots=2)
    SpecialDay.objects.create(store=row, date="2026-12-25", note="Christmas")
    selectors.get_store(row.id)
    with django_assert_num_queries(1):
        store = selectors.get_store(row.id)
    assert store.schedule.weekly[0] == ((60, 120), (420, 1320))
    assert store.schedule.weekly[6] == ((540, 1260),)
    assert store.schedule.spans_on(datetime(2026, 12, 25, tzinfo=UTC).date()) == ()
    assert (store.robots_working, store.seconds_per_drink) == (2, 45)


@pytest.mark.parametrize("change", ["store", "hours", "special", "robot", "new robot", "sql", "delete"])
def test_every_change_is_seen_at_once(change: str) -> None:
    row = make_store(robots=1, slug="main", hours=[(0, 420, 1320)])
    before = selectors.get_store_by_slug("main")
    if change == "store":
        Store.objects.update(tax_rate_bps=811)
    elif change == "hours":
        row.opening_hours.update(opens_minute=430)
    elif change == "special":
        SpecialDay.objects.create(store=row, date="2026-12-25")
    elif change == "robot":
        row.robots.update(status="out_of_order")
    elif change == "new robot":
        make_robot(store=row, number=2)
    elif change == "delete":
        row.opening_hours.all().delete()
    else:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE stores_openinghours SET closes_minute = closes_minute + 1")
    assert selectors.get_store_by_slug("main") != before


def test_a_rolled_back_change_is_forgotten() -> None:
    row = make_store()
    before = selectors.get_store(row.id)
    with transaction.atomic():
        Store.objects.update(tax_rate_bps=811)
        assert selectors.get_store(row.id).tax_rate_bps == 811
        transaction.set_rollback(True)
    assert selectors.get_store(row.id) == before


def test_robots_out_of_order_do_not_count() -> None:
    row = make_store(robots=3)
    first, second, third = row.robots.all()
    first.status, second.status, third.status = "out_of_order", "repair_start", "error"
    for robot in (first, second, third):
        robot.save()
    assert selectors.get_store(row.id).robots_working == 1
    assert [one.working for one in selectors.robots(row.id)] == [False, False, True]


def test_a_store_without_robots() -> None:
    store = selectors.get_store(make_store().id)
    assert (store.robots_working, store.seconds_per_drink) == (0, 0)


def test_unknown_things() -> None:
    with pytest.raises(StoreUnknown):
        selectors.get_store(uuid4())
    with pytest.raises(StoreUnknown):
        selectors.get_store_by_slug("nowhere")
    with pytest.raises(RobotUnknown):
        selectors.robot(uuid4())
    with pytest.raises(DoorUnknown):
        selectors.door(uuid4())
    with pytest.raises(StoreUnknown):
        selectors.pickup_key(uuid4())


@pytest.mark.req("DB-03")
def test_nearest_first_however_far(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    hub = make_hub()
    for slug, lat, lon in (
        ("far", -33.9, 151.2),
        ("near", 41.74, -111.83),
        ("next", 41.0, -111.9),
        ("third", 33.4, -112.0),
    ):
        make_store(slug=slug, hub=hub, lat=lat, lon=lon)
    selectors.list_stores()
    with django_assert_num_queries(1):
        nearest = selectors.nearest_stores(lat=41.7355, lon=-111.8344, limit=1)
    assert [one.store.slug for one in nearest] == ["near"]
    assert nearest[0].distance_m == pytest.approx(623, abs=20)
    found = selectors.nearest_stores(lat=41.7355, lon=-111.8344, limit=10)
    assert [one.store.slug for one in found] == ["near", "next", "third", "far"]


def test_nearest_across_the_date_line() -> None:
    make_store(slug="west", lat=0, lon=179.95)
    make_store(slug="home", lat=41.7, lon=-111.8)
    found = selectors.nearest_stores(lat=0, lon=-179.95, limit=1)
    assert [one.store.slug for one in found] == ["west"]
    assert found[0].distance_m == pytest.approx(11_119, abs=5)


def test_every_word_of_a_search_must_fit_somewhere() -> None:
    hub = make_hub()
    make_store(slug="main", name="Logan, Main Street", hub=hub)
    make_store(slug="campus", name="Logan, Campus", hub=hub)

    def slugs(text: str) -> list[str]:
        return [one.store.slug for one in selectors.search_stores(text=text, limit=10)]

    assert slugs("logan CAMPUS") == ["campus"]
    assert sorted(slugs("84321 ut")) == ["campus", "main"]
    assert slugs("50%") == []
    assert sorted(slugs("")) == ["campus", "main"]


def test_the_pickup_key_is_32_bytes_and_its_own() -> None:
    first, second = make_store(), make_store()
    assert len(selectors.pickup_key(first.id)) == 32
    assert selectors.pickup_key(first.id) != selectors.pickup_key(second.id)


@pytest.mark.req("SEC-08")
def test_a_device_is_known_by_its_key_alone() -> None:
    store = make_store(robots=1)
    robot = store.robots.get()
    device, key = make_robot_device(robot=robot)
    controller, controller_key = make_door_controller(store=store)
    view = selectors.authenticate_device(device.id, key)
    assert (view.kind, view.robot_id, view.store_id) == ("robot", robot.id, store.id)
    assert selectors.authenticate_device(str(controller.id), controller_key).robot_id is None
    for device_id, tried in ((device.id, controller_key), (uuid4(), key), ("nonsense", key), (device.id, "")):
        with pytest.raises(DeviceRefused):
            selectors.authenticate_device(device_id, tried)
    device.active = False
    device.save()
    with pytest.raises(DeviceRefused):
        selectors.authenticate_device(device.id, key)
