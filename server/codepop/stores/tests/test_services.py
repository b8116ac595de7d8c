"""Commands on places and machines."""

from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db import transaction as django_transaction

from codepop.stores import selectors, services
from codepop.stores.errors import (
    DeviceRefused,
    HoursInvalid,
    PauseNeedsReason,
    RobotUnknown,
    StatusUnknown,
    StoreDataInvalid,
    StoreUnknown,
)
from codepop.stores.models import OpeningHours, RobotStatus, Store
from codepop.stores.services import HubSpec, RegionSpec, StoreSpec
from codepop.stores.tests.factories import make_door, make_robot, make_store

pytestmark = pytest.mark.django_db


def test_pausing_needs_a_reason_that_customers_read() -> None:
    store = make_store()
    with pytest.raises(PauseNeedsReason):
        services.pause_orders(store_id=store.id, reason="  ", actor="staff:a")
    services.pause_orders(store_id=store.id, reason="Closed for cleaning.", actor="staff:a")
    paused = selectors.get_store(store.id)
    assert (paused.accepting_orders, paused.pause_reason) == (False, "Closed for cleaning.")
    services.resume_orders(store_id=store.id, actor="staff:a")
    resumed = selectors.get_store(store.id)
    assert (resumed.accepting_orders, resumed.pause_reason) == (True, "")
    with pytest.raises(StoreUnknown):
        services.resume_orders(store_id=uuid4(), actor="staff:a")


def test_the_database_refuses_a_pause_without_a_reason() -> None:
    store = make_store()
    with pytest.raises(IntegrityError, match="store_pause_has_reason"), django_transaction.atomic():
        Store.objects.filter(id=store.id).update(accepting_orders=False)


@pytest.mark.req("DOM-40")
@pytest.mark.parametrize("status", RobotStatus.values)
def test_a_robot_reports_each_status(status: str) -> None:
    robot = make_robot()
    assert services.set_robot_status(robot_id=robot.id, status=status) is (status != "normal")
    assert services.set_robot_status(robot_id=robot.id, status=status) is False
    view = selectors.robot(robot.id)
    assert view.status == status
    assert view.working is (status not in ("out_of_order", "repair_start"))


def test_unknown_statuses_and_machines_are_refused() -> None:
    robot = make_robot()
    with pytest.raises(StatusUnknown):
        services.set_robot_status(robot_id=robot.id, status="dancing")
    with pytest.raises(RobotUnknown):
        services.set_robot_status(robot_id=uuid4(), status="normal")
    with pytest.raises(IntegrityError, match="robot_status_known"), django_transaction.atomic():
        type(robot).objects.filter(id=robot.id).update(status="dancing")


def test_a_door_goes_out_of_use_and_back() -> None:
    door = make_door()
    assert services.set_door_status(door_id=door.id, status="out_of_order") is True
    assert selectors.door(door.id).working is False
    assert services.set_door_status(door_id=door.id, status="working") is True


@pytest.mark.req("DOM-07")
def test_new_hours_replace_the_old_or_nothing_changes() -> None:
    store = make_store()
    services.replace_hours(store_id=store.id, hours=[(0, 420, 1320)])
    assert OpeningHours.objects.filter(store=store).count() == 1
    for wrong in ((7, 0, 60), (0, 60, 60), (0, 60, 1600), (0, 1440, 1500)):
        with pytest.raises(HoursInvalid):
            services.replace_hours(store_id=store.id, hours=[wrong])
    assert selectors.get_store(store.id).schedule.weekly[0] == ((420, 1320),)


def test_a_new_key_ends_the_old_one() -> None:
    robot = make_robot()
    first = services.issue_device_key(store_id=robot.store_id, robot_id=robot.id, name="Robot 1")
    second = services.issue_device_key(store_id=robot.store_id, robot_id=robot.id, name="Robot 1")
    assert first.device_id == second.device_id
    assert selectors.authenticate_device(second.device_id, second.key).robot_id == robot.id
    with pytest.raises(DeviceRefused):
        selectors.authenticate_device(first.device_id, first.key)
    services.retire_device(device_id=second.device_id)
    with pytest.raises(DeviceRefused):
        selectors.authenticate_device(second.device_id, second.key)


def hub(timezone: str = "America/Denver") -> HubSpec:
    return HubSpec(
        slug="hub-test",
        name="Test hub",
        address="1 Road",
        city="Logan",
        state="UT",
        postal_code="84321",
        lat=41.7,
        lon=-111.8,
        timezone=timezone,
    )


def store_spec(region: str = "test", timezone: str = "America/Denver") -> StoreSpec:
    return StoreSpec(
        slug="test-store",
        name="Test store",
        region=region,
        address="1 Road",
        city="Logan",
        state="UT",
        postal_code="84321",
        lat=41.7,
        lon=-111.8,
        timezone=timezone,
        tax_rate_bps=700,
        hours=[(0, 420, 1320)],
        robots=2,
        doors=4,
    )


@pytest.mark.req("DOM-49")
def test_data_with_a_mistake_say_where() -> None:
    with pytest.raises(StoreDataInvalid) as refusal:
        services.put_regions([RegionSpec(code="test", name="Test", hub=hub("Mars/Olympus"))])
    assert "hub-test" in refusal.value.fields
    services.put_regions([RegionSpec(code="test", name="Test", hub=hub())])
    for spec in (store_spec(region="moon"), store_spec(timezone="../etc/passwd")):
        with pytest.raises(StoreDataInvalid) as refusal:
            services.put_stores([spec])
        assert "test-store" in refusal.value.fields
    ids = services.put_stores([store_spec()])
    assert len(selectors.doors(ids["test-store"])) == 4
