"""Devices' numbered reports."""

from datetime import timedelta

import pytest

from codepop.fulfilment import services
from codepop.fulfilment.models import DeviceCursor, DeviceEvent, DoorUse
from codepop.fulfilment.reports import Report
from codepop.fulfilment.tests.factories import claim, make_cooler, make_queued, make_ready, ticket_of
from codepop.kit.clock import frozen, now
from codepop.stores.models import Robot

pytestmark = pytest.mark.django_db


def test_progress_reaches_the_order_once_a_batch() -> None:
    """Many steps in one batch move the customer's screen once, to the last of them."""
    cooler = make_cooler()
    made = make_queued(cooler, quantity=2)
    robot = cooler.robots[0]
    work = claim(robot)
    made.order.refresh_from_db()
    before = made.order.version
    batch = [robot.next("started", work.ticket_id, drink_index=0)]
    batch += [robot.next("step", work.ticket_id, drink_index=0, step_index=index) for index in (1, 2)]
    services.accept_reports(device=robot.view, reports=batch)
    made.order.refresh_from_db()
    assert made.order.version == before + 1
    assert (made.order.drink_index, made.order.step_text) == (0, "Adding peach")
    assert 0 < made.order.share_permille < 500
    robot.tell("drink_done", work.ticket_id, drink_index=0)
    made.order.refresh_from_db()
    assert made.order.share_permille == 500


@pytest.mark.req("DOM-27")
def test_loaded_makes_the_order_ready_for_half_an_hour() -> None:
    """Ready from the moment of loading, for 30 minutes."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made, _ = make_ready(cooler)
        assert made.order.status == "ready"
        assert made.order.fetch_until == time.at + timedelta(minutes=30)
    assert ticket_of(made.order.id).status == "done"
    assert DoorUse.objects.get().state == "loaded"


def test_a_repeated_report_has_no_second_effect() -> None:
    """The same batch again is acknowledged and changes nothing."""
    cooler = make_cooler()
    made = make_queued(cooler)
    robot = cooler.robots[0]
    work = claim(robot)
    batch = [robot.next("started", work.ticket_id, drink_index=0), robot.next("loaded", work.ticket_id, door_number=1)]
    first = services.accept_reports(device=robot.view, reports=batch)
    made.order.refresh_from_db()
    version = made.order.version
    assert services.accept_reports(device=robot.view, reports=batch) == first
    made.order.refresh_from_db()
    assert made.order.version == version
    assert DeviceEvent.objects.count() == 2


def test_reports_in_wrong_order_are_taken_by_number() -> None:
    """Within a batch the numbers decide; a gap is no hindrance."""
    cooler = make_cooler()
    made = make_queued(cooler)
    robot = cooler.robots[0]
    work = claim(robot)
    begun = robot.next("started", work.ticket_id, drink_index=0)
    robot.seq += 5
    loaded = robot.next("loaded", work.ticket_id, door_number=1)
    accepted = services.accept_reports(device=robot.view, reports=[loaded, begun, loaded])
    made.order.refresh_from_db()
    assert (made.order.status, accepted.seq) == ("ready", loaded.seq)


def test_an_old_report_is_acknowledged_without_effect() -> None:
    """What comes late, below the last number, does nothing."""
    cooler = make_cooler()
    robot = cooler.robots[0]
    robot.seq = 10
    robot.tell("heartbeat")
    old = Report(3, "failed", now(), None, {"reason": "jam"})
    assert services.accept_reports(device=robot.view, reports=[old]).seq == 11
    assert not DeviceEvent.objects.exists()


def test_a_report_on_somebody_elses_ticket_is_noted_and_the_robot_told() -> None:
    """A robot can't move an order that another robot has."""
    cooler = make_cooler()
    made = make_queued(cooler)
    work = claim(cooler.robots[0])
    accepted = cooler.robots[1].tell("loaded", work.ticket_id, door_number=work.door_number)
    made.order.refresh_from_db()
    assert accepted.lost_tickets == (work.ticket_id,)
    assert made.order.status == "preparing"
    assert "not this robot's" in DeviceEvent.objects.get().note


def test_reports_renew_the_lease() -> None:
    """A robot that reports keeps its order."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made = make_queued(cooler)
        work = claim(cooler.robots[0])
        time.advance(seconds=25)
        cooler.robots[0].tell("step", work.ticket_id, drink_index=0, step_index=1)
        assert ticket_of(made.order.id).lease_until == time.at + timedelta(seconds=30)


def test_heartbeats_and_steps_leave_no_rows() -> None:
    """Only what changes something is kept."""
    cooler = make_cooler()
    make_queued(cooler)
    robot = cooler.robots[0]
    work = claim(robot)
    robot.tell("heartbeat")
    robot.tell("step", work.ticket_id, drink_index=0, step_index=1)
    assert not DeviceEvent.objects.exists()
    assert DeviceCursor.objects.get(device_id=robot.view.id).last_seq == 2


def test_nonsense_is_noted_not_refused() -> None:
    """A device must never hang on a report that can't be understood."""
    cooler = make_cooler()
    robot = cooler.robots[0]
    for kind in ("dance", "loaded", "started"):
        robot.tell(kind, None, door_number="seven")
    cooler.controller.tell("door_opened", None, door_number=99)
    cooler.controller.tell("door_opened", None, door_number="seven", command_id="not one")
    assert [row.note != "" for row in DeviceEvent.objects.all()] == [True] * 5


@pytest.mark.req("DOM-40")
def test_a_robot_reports_its_own_status() -> None:
    """Hyphens as in the specification are understood; a repair is begun and ended by people only."""
    cooler = make_cooler()
    robot = cooler.robots[0]
    rows = Robot.objects.filter(id=robot.robot_id)
    robot.tell("status", None, status="schedule-service")
    assert rows.get().status == "schedule_service"
    robot.tell("status", None, status="repair_end")
    assert rows.get().status == "schedule_service"
    rows.update(status="repair_start")
    robot.tell("status", None, status="normal")
    assert rows.get().status == "repair_start"


@pytest.mark.req("DOM-26")
def test_door_opened_and_closed() -> None:
    """Opened is picked up; closed is free for the next order."""
    cooler = make_cooler()
    made, work = make_ready(cooler)
    cooler.controller.tell("door_opened", work.ticket_id, door_number=work.door_number, how="keypad")
    made.order.refresh_from_db()
    assert made.order.status == "picked_up"
    assert DoorUse.objects.get().state == "opened"
    cooler.controller.tell("door_closed", work.ticket_id, door_number=work.door_number)
    use = DoorUse.objects.get()
    assert (use.state, use.outcome) == ("closed", "picked_up")


@pytest.mark.req("D10")
def test_a_door_opened_offline_merges_before_the_robots_own_report() -> None:
    """After a cut the controller may speak before the robot: the order still ends as picked up, once."""
    cooler = make_cooler()
    made = make_queued(cooler)
    robot = cooler.robots[0]
    work = claim(robot)
    late = robot.next("loaded", work.ticket_id, door_number=work.door_number)
    cooler.controller.tell("door_opened", work.ticket_id, door_number=work.door_number, how="offline")
    cooler.controller.tell("door_closed", work.ticket_id, door_number=work.door_number)
    services.accept_reports(device=robot.view, reports=[late])
    made.order.refresh_from_db()
    assert made.order.status == "picked_up"
    assert [step.to_status for step in made.order.transitions.order_by("id")][-2:] == ["ready", "picked_up"]
    assert services.accept_reports(device=robot.view, reports=[late]).lost_tickets == ()
