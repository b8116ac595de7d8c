"""Drinks that nobody fetches."""

from datetime import timedelta

import pytest

from codepop.core.alerts import open_alerts
from codepop.core.db import transaction
from codepop.fulfilment import services
from codepop.fulfilment.models import DoorUse
from codepop.fulfilment.tests.factories import claim, make_cooler, make_queued, make_ready
from codepop.kit.clock import frozen, now
from codepop.ordering import services as ordering

pytestmark = pytest.mark.django_db


@pytest.mark.req("DOM-27")
def test_discarded_after_half_an_hour_and_the_door_freed_once_emptied() -> None:
    """Not a second earlier; the door is given to the next order only when it is empty."""
    cooler = make_cooler(doors=1)
    with frozen(now()) as time:
        made, work = make_ready(cooler)
        time.advance(minutes=29, seconds=59)
        assert services.discard_overdue() == 0
        time.advance(seconds=1)
        assert services.discard_overdue() == 1
        assert services.discard_overdue() == 0
        made.order.refresh_from_db()
        assert (made.order.status, DoorUse.objects.get().state) == ("discarded", "emptying")
        [command] = services.fetch_commands(device=cooler.controller.view)
        assert (command.type, command.door_number, command.expires_at) == ("discard", 1, None)
        make_queued(cooler)
        assert not hasattr(services.claim_work(device=cooler.robots[1].view), "ticket_id")
        cooler.controller.tell("door_emptied", work.ticket_id, door_number=1, command_id=str(command.id))
        assert DoorUse.objects.get().outcome == "discarded"
        assert claim(cooler.robots[1]).door_number == 1


@pytest.mark.req("DOM-27", "D10")
def test_a_store_that_is_cut_off_is_asked_first() -> None:
    """It may have opened the door by itself: what it says after its return counts."""
    cooler = make_cooler()
    with frozen(now()) as time:
        cooler.controller.tell("heartbeat")
        made, work = make_ready(cooler)
        time.advance(minutes=20)
        opened = cooler.controller.next("door_opened", work.ticket_id, door_number=1, how="offline")
        time.advance(minutes=40)
        assert services.discard_overdue() == 0
        services.accept_reports(device=cooler.controller.view, reports=[opened])
        assert services.discard_overdue() == 0
    made.order.refresh_from_db()
    assert made.order.status == "picked_up"
    use = DoorUse.objects.get()
    assert use.opened_at is not None
    assert use.loaded_at is not None
    assert use.opened_at - use.loaded_at == timedelta(minutes=20)


@pytest.mark.req("DOM-27")
def test_a_store_that_stays_away_is_waited_for_two_hours() -> None:
    """Then the order is discarded without its word."""
    cooler = make_cooler()
    with frozen(now()) as time:
        cooler.controller.tell("heartbeat")
        make_ready(cooler)
        time.advance(minutes=30 + 119)
        assert services.discard_overdue() == 0
        time.advance(minutes=2)
        assert services.discard_overdue() == 1


@pytest.mark.req("DOM-27")
def test_discarding_takes_the_open_command_back() -> None:
    """A door is never opened on a drink that is too old."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made, _ = make_ready(cooler)
        time.advance(minutes=29, seconds=50)
        from_screen = DoorUse.objects.get()
        assert from_screen.state == "loaded"
        time.advance(seconds=11)
        services.discard_overdue()
        assert [one.type for one in services.fetch_commands(device=cooler.controller.view)] == ["discard"]
    made.order.refresh_from_db()
    assert made.order.status == "discarded"


@pytest.mark.req("DOM-27")
def test_a_drink_that_can_not_be_discarded_stops_no_other() -> None:
    """One order moved on without its door: that is told to a person, and the other's door is emptied in time."""
    cooler = make_cooler()
    with frozen(now()) as time:
        (odd, work), (other, _) = make_ready(cooler), make_ready(cooler, robot=1)
        with transaction():
            ordering.mark_picked_up(order_id=odd.order.id)
        time.advance(minutes=30)
        assert services.discard_overdue() == 1
        told = open_alerts().get()
        assert (told.kind, told.subject) == ("fulfilment.overdue", str(DoorUse.objects.get(ticket=work.ticket_id).id))
    other.order.refresh_from_db()
    assert other.order.status == "discarded"
