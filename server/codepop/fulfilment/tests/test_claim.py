"""A robot asks for work."""

import pytest
from django.forms import model_to_dict

from codepop.fulfilment import services
from codepop.fulfilment.errors import WrongDevice
from codepop.fulfilment.models import DoorUse, TicketStatus
from codepop.fulfilment.selectors import NoWork
from codepop.fulfilment.tests.factories import claim, make_cooler, make_queued, make_ready, ticket_of
from codepop.inventory.models import Reservation
from codepop.kit.clock import frozen, now
from codepop.ordering import services as ordering
from codepop.ordering.models import OrderLine
from codepop.stores.models import CoolerDoor, Robot

pytestmark = pytest.mark.django_db


@pytest.mark.req("DOM-26")
def test_claim_gives_work_with_door_code_and_stock() -> None:
    """One claim: the order is in preparation, its stock used, a door held, a code issued."""
    cooler = make_cooler()
    made = make_queued(cooler, quantity=2)
    work = claim(cooler.robots[0])
    made.order.refresh_from_db()
    assert (work.order_code, work.door_number, len(work.drinks)) == (made.order.code, 1, 2)
    assert made.order.status == "preparing"
    assert made.order.door_number == 1
    assert made.order.code_nonce == DoorUse.objects.get().nonce
    assert Reservation.objects.get(reference=made.order.id).status == "consumed"
    ticket = ticket_of(made.order.id)
    assert (ticket.status, ticket.robot_id, ticket.attempts) == ("claimed", cooler.robots[0].robot_id, 1)
    kinds = [step["kind"] for step in work.drinks[0]["steps"]]
    assert kinds == ["cup", "ice", "pump", "pour", "pour", "lid", "label"]
    assert work.allergens == ["milk"]


def test_asking_again_gives_the_same_work() -> None:
    """A lost answer costs nothing, and takes no second order and no second door."""
    cooler = make_cooler()
    make_queued(cooler)
    make_queued(cooler)
    first = claim(cooler.robots[0])
    assert claim(cooler.robots[0]) == first
    assert DoorUse.objects.count() == 1


def test_robots_take_orders_in_the_order_of_release() -> None:
    """First released, first made."""
    cooler = make_cooler()
    orders = [make_queued(cooler).order for _ in range(2)]
    taken = [claim(robot).order_code for robot in cooler.robots]
    assert taken == [order.code for order in orders]


def test_nothing_before_release_time() -> None:
    """An order that is to be released later is not given out."""
    cooler = make_cooler()
    with frozen(now()) as time:
        ticket = ticket_of(make_queued(cooler).order.id)
        ticket.release_at = time.at.replace(microsecond=0)
        ticket.save()
        time.advance(seconds=-10)
        assert services.claim_work(device=cooler.robots[0].view) == NoWork.QUEUE_EMPTY
        time.advance(seconds=10)
        claim(cooler.robots[0])


@pytest.mark.req("DOM-40", "DOM-43")
@pytest.mark.parametrize("status", ["out_of_order", "repair_start"])
def test_a_robot_that_does_not_work_gets_nothing(status: str) -> None:
    """Orders are kept from machines out of order; the order stays in the queue for another."""
    cooler = make_cooler()
    made = make_queued(cooler)
    Robot.objects.filter(id=cooler.robots[0].robot_id).update(status=status)
    assert services.claim_work(device=cooler.robots[0].view) == NoWork.NOT_WORKING
    assert claim(cooler.robots[1]).order_code == made.order.code


@pytest.mark.req("DOM-28")
def test_no_free_door_means_production_waits() -> None:
    """With all doors taken nothing is claimed; a door that becomes free lets production go on."""
    cooler = make_cooler(doors=1)
    _, work = make_ready(cooler)
    waiting = make_queued(cooler)
    assert services.claim_work(device=cooler.robots[1].view) == NoWork.NO_DOOR
    waiting.order.refresh_from_db()
    assert (waiting.order.status, ticket_of(waiting.order.id).status) == ("queued", "queued")
    cooler.controller.tell("door_opened", work.ticket_id, door_number=1)
    cooler.controller.tell("door_closed", work.ticket_id, door_number=1)
    assert claim(cooler.robots[1]).door_number == 1


@pytest.mark.req("DOM-28")
def test_a_door_out_of_order_is_not_used() -> None:
    """The lowest working door is taken."""
    cooler = make_cooler(doors=2)
    CoolerDoor.objects.filter(store_id=cooler.store_id, number=1).update(status="out_of_order")
    make_queued(cooler)
    assert claim(cooler.robots[0]).door_number == 2


def test_a_cancelled_order_leaves_the_queue() -> None:
    """Cancelling takes the ticket out; the next order is given instead."""
    cooler = make_cooler()
    gone, stays = make_queued(cooler).order, make_queued(cooler).order
    ordering.cancel_order(order_id=gone.id, actor="guest", reason="")
    assert ticket_of(gone.id).status == TicketStatus.CANCELLED
    assert claim(cooler.robots[0]).order_code == stays.code


def test_a_claim_finds_out_by_itself_that_an_order_was_cancelled() -> None:
    """Should the ticket be locked while its order is cancelled, the claim drops it and goes on to the next."""
    cooler = make_cooler()
    gone, stays = make_queued(cooler).order, make_queued(cooler).order
    ordering.cancel_order(order_id=gone.id, actor="guest", reason="")
    ticket = ticket_of(gone.id)
    ticket.status = TicketStatus.QUEUED
    ticket.save()
    assert claim(cooler.robots[0]).order_code == stays.code
    assert ticket_of(gone.id).status == TicketStatus.CANCELLED
    assert DoorUse.objects.count() == 1


@pytest.mark.req("D7", "D8")
def test_rinse_after_an_allergen_that_the_next_order_does_not_have() -> None:
    """The nozzle is rinsed for what was in it, not for what comes."""
    cooler = make_cooler(robots=1)
    _, first = make_ready(cooler)
    assert not first.rinse_before
    ticket = ticket_of(make_queued(cooler).order.id)
    previous = ticket_of(make_queued(cooler).order.id)
    previous.delete()
    first_ticket = type(ticket).objects.get(id=first.ticket_id)
    first_ticket.allergens = ["milk", "tree_nuts"]
    first_ticket.save()
    assert claim(cooler.robots[0]).rinse_before


@pytest.mark.req("D7", "D8")
@pytest.mark.parametrize("with_plain_cup", [False, True])
def test_rinse_after_an_allergen_that_the_first_cup_does_not_have(with_plain_cup: bool) -> None:
    """That a later cup of the order has it helps the first one not."""
    cooler = make_cooler(robots=1)
    make_ready(cooler)
    line = make_queued(cooler).order.lines.get()
    if with_plain_cup:
        recipe = {**line.recipe, "creams": []}
        OrderLine.objects.create(
            **model_to_dict(line, exclude=["id", "order"]) | {"order": line.order, "position": 1, "recipe": recipe}
        )
    assert claim(cooler.robots[0]).rinse_before == with_plain_cup


@pytest.mark.req("D7", "D8")
@pytest.mark.parametrize("reason", ["jam", "cup_missing"])
def test_rinse_after_an_order_that_the_robot_did_not_finish(reason: str) -> None:
    """What it failed at is in its nozzle, though another robot has made that order meanwhile."""
    cooler = make_cooler()
    failing, other = cooler.robots
    make_ready(cooler)
    make_queued(cooler)
    failing.tell("failed", claim(failing).ticket_id, reason=reason)
    again = claim(other)
    other.tell("loaded", again.ticket_id, door_number=again.door_number)
    failing.tell("status", None, status="warning")
    make_queued(cooler)
    assert claim(failing).rinse_before


@pytest.mark.req("D7", "D8")
def test_rinse_after_a_silence_in_which_the_robot_lost_its_order() -> None:
    """It may have begun without a word, so nobody knows what is in its nozzle; after the next order one does."""
    cooler = make_cooler()
    silent = cooler.robots[0]
    with frozen(now()) as time:
        make_ready(cooler)
        make_queued(cooler)
        claim(silent)
        time.advance(seconds=31)
        services.fail_silent_robots()
        time.advance(seconds=11)
        assert services.fail_silent_robots() == 1
        claim(cooler.robots[1])
        silent.tell("status", None, status="normal")
        make_queued(cooler)
        rinsed = claim(silent)
        assert rinsed.rinse_before
        time.advance(seconds=60)
        silent.tell("loaded", rinsed.ticket_id, door_number=rinsed.door_number)
        make_queued(cooler)
        assert not claim(silent).rinse_before


def test_a_door_controller_can_not_claim() -> None:
    """Work is for robots."""
    cooler = make_cooler()
    with pytest.raises(WrongDevice):
        services.claim_work(device=cooler.controller.view)
