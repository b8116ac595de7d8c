"""A robot that can't finish: another one, or the money back."""

from datetime import timedelta

import pytest

from codepop.core.alerts import open_alerts
from codepop.core.db import transaction
from codepop.fulfilment import services
from codepop.fulfilment.models import DoorUse
from codepop.fulfilment.selectors import NoWork
from codepop.fulfilment.tests.factories import claim, make_cooler, make_queued, make_ready, ticket_of
from codepop.inventory.models import MovementKind, StockLevel, StockMovement
from codepop.inventory.selectors import discrepancies
from codepop.kit.clock import frozen, now
from codepop.ordering import services as ordering
from codepop.ordering.tests.factories import MadeOrder
from codepop.payments.models import Refund
from codepop.stores.models import Robot

pytestmark = pytest.mark.django_db


@pytest.mark.req("D6")
def test_a_jam_hands_the_order_to_another_robot() -> None:
    """Door freed, robot out of order, the spoiled lot written off, the order made by the other robot."""
    cooler = make_cooler()
    made = make_queued(cooler)
    first, second = cooler.robots
    work = claim(first)
    first.tell("failed", work.ticket_id, reason="jam")
    made.order.refresh_from_db()
    assert (made.order.status, made.order.door_number) == ("queued", None)
    assert [use.outcome for use in DoorUse.objects.all()] == ["failed"]
    assert Robot.objects.get(id=first.robot_id).status == "out_of_order"
    wasted = StockMovement.objects.filter(kind=MovementKind.WASTED, reference=made.order.id)
    used = StockMovement.objects.filter(kind=MovementKind.USED, reference=made.order.id)
    assert sorted(wasted.values_list("ingredient", "amount")) == sorted(used.values_list("ingredient", "amount"))
    assert services.claim_work(device=first.view) == NoWork.NOT_WORKING
    again = claim(second)
    second.tell("loaded", again.ticket_id, door_number=again.door_number)
    made.order.refresh_from_db()
    assert made.order.status == "ready"
    assert not Refund.objects.exists()
    assert discrepancies() == []


@pytest.mark.req("D6", "DOM-09")
def test_an_order_that_waits_for_its_second_robot_can_be_cancelled() -> None:
    """Its money goes back and so does the stock that was held for the second try; only the spoiled lot is gone."""
    cooler = make_cooler()
    made = make_queued(cooler)
    before = {level.ingredient_id: level.on_hand for level in StockLevel.objects.filter(store=made.order.store)}
    work = claim(cooler.robots[0])
    cooler.robots[0].tell("failed", work.ticket_id, reason="jam")
    ordering.cancel_order(order_id=made.order.id, actor="guest")
    made.order.refresh_from_db()
    assert made.order.status == "cancelled"
    assert not StockLevel.objects.filter(store=made.order.store, reserved__gt=0).exists()
    spoiled = {m.ingredient_id: m.amount for m in StockMovement.objects.filter(kind=MovementKind.WASTED)}
    after = {level.ingredient_id: level.on_hand for level in StockLevel.objects.filter(store=made.order.store)}
    assert after == {one: amount + spoiled.get(one, 0) for one, amount in before.items()}
    assert discrepancies() == []


@pytest.mark.req("D6", "C32")
def test_no_other_robot_means_the_money_goes_back() -> None:
    """Without a form and without a person."""
    cooler = make_cooler(robots=1)
    made = make_queued(cooler)
    work = claim(cooler.robots[0])
    cooler.robots[0].tell("failed", work.ticket_id, reason="leak")
    made.order.refresh_from_db()
    assert (made.order.status, ticket_of(made.order.id).status) == ("failed", "failed")
    refund = Refund.objects.get()
    assert (refund.payment.reference, refund.wanted_cents) == (made.order.id, None)
    assert discrepancies() == []


@pytest.mark.req("D6")
def test_no_stock_for_a_second_try_means_the_money_goes_back() -> None:
    """What others have reserved is not taken from them."""
    cooler = make_cooler(on_hand=600)
    made = make_queued(cooler)
    work = claim(cooler.robots[0])
    cooler.robots[0].tell("failed", work.ticket_id, reason="jam")
    made.order.refresh_from_db()
    assert made.order.status == "failed"
    assert not StockMovement.objects.filter(kind=MovementKind.WASTED).exists()
    assert discrepancies() == []


@pytest.mark.req("D6")
def test_three_tries_at_most() -> None:
    """After the third robot the order is refunded, however many robots there are."""
    cooler = make_cooler(robots=4)
    made = make_queued(cooler)
    for robot in cooler.robots[:3]:
        robot.tell("failed", claim(robot).ticket_id, reason="jam")
    made.order.refresh_from_db()
    assert (made.order.status, ticket_of(made.order.id).attempts) == ("failed", 3)


def test_a_repeated_failure_report_counts_once() -> None:
    """The same report again finds nothing to fail."""
    cooler = make_cooler()
    made = make_queued(cooler)
    robot = cooler.robots[0]
    report = robot.next("failed", claim(robot).ticket_id, reason="jam")
    for _ in range(3):
        services.accept_reports(device=robot.view, reports=[report])
    assert ticket_of(made.order.id).status == "queued"
    assert DoorUse.objects.count() == 1


def test_a_small_trouble_only_warns() -> None:
    """A robot without cups works on once it has some."""
    cooler = make_cooler()
    make_queued(cooler)
    robot = cooler.robots[0]
    robot.tell("failed", claim(robot).ticket_id, reason="cup_missing")
    assert Robot.objects.get(id=robot.robot_id).status == "warning"


@pytest.mark.req("D6")
def test_a_silent_robot_loses_its_order() -> None:
    """After the lease and the time for late reports the order goes on; the robot's late word has no effect."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made = make_queued(cooler)
        first, second = cooler.robots
        work = claim(first)
        time.advance(seconds=29)
        assert services.fail_silent_robots() == 0
        time.advance(seconds=2)
        assert services.fail_silent_robots() == 0
        time.advance(seconds=10)
        assert services.fail_silent_robots() == 1
        again = claim(second)
        assert again.ticket_id == work.ticket_id
        late = first.tell("loaded", work.ticket_id, door_number=work.door_number)
        assert late.lost_tickets == (work.ticket_id,)
        made.order.refresh_from_db()
        assert made.order.status == "preparing"
        second.tell("loaded", again.ticket_id, door_number=again.door_number)
    made.order.refresh_from_db()
    assert made.order.status == "ready"


@pytest.mark.req("D6")
def test_a_silent_robots_ticket_that_is_refused_stops_no_other() -> None:
    """One order moved on without its ticket; the other store's customer still gets the money."""
    odd = make_cooler(robots=1)
    other = make_cooler(robots=1, menu=odd.shop.menu)
    with frozen(now()) as time:
        ahead, mine = make_queued(odd), make_queued(other)
        claim(odd.robots[0])
        with transaction():
            ordering.mark_ready(order_id=ahead.order.id, expires_at=now() + timedelta(minutes=20))
        claim(other.robots[0])
        time.advance(seconds=31)
        services.fail_silent_robots()
        time.advance(seconds=11)
        assert services.fail_silent_robots() == 1
        told = open_alerts().get()
        assert (told.kind, told.subject) == ("fulfilment.silent_robot", str(ticket_of(ahead.order.id).id))
        odd.robots[0].tell("heartbeat")
        services.fail_silent_robots()
        assert not open_alerts().exists()
    mine.order.refresh_from_db()
    assert mine.order.status == "failed"


@pytest.mark.req("D6", "PAY-16")
@pytest.mark.parametrize("says", ["failed", "loaded"])
def test_a_report_that_is_refused_leaves_its_ticket_as_it_was(says: str) -> None:
    """The order moved on without its ticket: nothing of the report stays, not even the ticket's end."""
    cooler = make_cooler()
    made = make_queued(cooler)
    robot = cooler.robots[0]
    work = claim(robot)
    before = ticket_of(made.order.id)
    with transaction():
        ordering.mark_ready(order_id=made.order.id, expires_at=now() + timedelta(minutes=20))
    robot.tell(says, work.ticket_id, door_number=work.door_number)
    after = ticket_of(made.order.id)
    assert (after.status, after.robot_id, after.loaded_at) == (before.status, before.robot_id, None)


@pytest.mark.req("D10", "D6")
def test_a_store_that_is_cut_off_keeps_its_orders() -> None:
    """While the whole store is silent nothing is refunded; when it is back, what it made counts."""
    cooler = make_cooler()
    with frozen(now()) as time:
        cooler.controller.tell("heartbeat")
        made = make_queued(cooler)
        robot = cooler.robots[0]
        work = claim(robot)
        for _ in range(8):
            time.advance(minutes=1)
            assert services.fail_silent_robots() == 0
        robot.tell("loaded", work.ticket_id, door_number=work.door_number)
        made.order.refresh_from_db()
        assert made.order.status == "ready"


@pytest.mark.req("D6")
def test_a_store_that_is_gone_for_long_gives_the_money_back() -> None:
    """Ten minutes after the lease nobody believes in the drink any more."""
    cooler = make_cooler(robots=1)
    with frozen(now()) as time:
        cooler.controller.tell("heartbeat")
        made = make_queued(cooler)
        claim(cooler.robots[0])
        time.advance(seconds=31)
        services.fail_silent_robots()
        time.advance(minutes=10)
        assert services.fail_silent_robots() == 1
    made.order.refresh_from_db()
    assert made.order.status == "failed"


@pytest.mark.req("D6")
def test_a_dead_robot_in_a_living_store_is_found_at_once() -> None:
    """The door controller answers the wake-up, the robot doesn't: no reason to wait longer."""
    cooler = make_cooler()
    with frozen(now()) as time:
        cooler.controller.tell("heartbeat")
        make_queued(cooler)
        claim(cooler.robots[0])
        time.advance(seconds=31)
        services.fail_silent_robots()
        time.advance(seconds=2)
        services.fetch_commands(device=cooler.controller.view)
        time.advance(seconds=8)
        assert services.fail_silent_robots() == 1


@pytest.mark.req("D6")
def test_no_refund_for_a_drink_behind_its_door() -> None:
    """A failure reported after loading touches nothing."""
    cooler = make_cooler()
    made, work = make_ready(cooler)
    cooler.robots[0].tell("failed", work.ticket_id, reason="jam")
    made.order.refresh_from_db()
    assert made.order.status == "ready"
    assert not Refund.objects.exists()


def _assert_refunded(made: MadeOrder) -> None:
    """Hold that the order failed, and that its money, once, and its stock are given back."""
    made.order.refresh_from_db()
    assert (made.order.status, ticket_of(made.order.id).status) == ("failed", "failed")
    assert Refund.objects.get().payment.reference == made.order.id
    assert discrepancies() == []


@pytest.mark.req("D6", "DOM-43")
def test_a_store_without_a_working_robot_refunds_what_waits() -> None:
    """Nobody waits for ever: a quarter of an hour after release the money goes back and the stock is free again."""
    cooler = make_cooler(robots=1)
    with frozen(now()) as time:
        made = make_queued(cooler)
        Robot.objects.update(status="out_of_order")
        time.advance(minutes=14)
        assert services.refund_stranded_orders() == 0
        time.advance(minutes=2)
        assert services.refund_stranded_orders() == 1
        assert services.refund_stranded_orders() == 0
    _assert_refunded(made)


def test_a_busy_store_keeps_its_queue() -> None:
    """With a robot that works, a long wait is only a long wait."""
    cooler = make_cooler()
    with frozen(now()) as time:
        make_queued(cooler)
        time.advance(hours=1)
        assert services.refund_stranded_orders() == 0


@pytest.mark.req("D6", "D10")
def test_orders_that_no_robot_answers_for_are_refunded() -> None:
    """One counts as well and is gone, as after a power cut; one talks, but is broken. Asked first, then refunded."""
    cooler = make_cooler()
    broken, gone = cooler.robots
    with frozen(now()) as time:
        gone.tell("heartbeat")
        broken.tell("status", None, status="out_of_order")
        made = make_queued(cooler)
        time.advance(minutes=16)
        assert services.refund_stranded_orders() == 0
        time.advance(minutes=9)
        broken.tell("heartbeat")
        cooler.controller.tell("heartbeat")
        assert services.refund_stranded_orders() == 0
        time.advance(minutes=2)
        assert services.refund_stranded_orders() == 1
        assert services.refund_stranded_orders() == 0
    _assert_refunded(made)


@pytest.mark.req("D6", "D10")
def test_a_robot_that_comes_back_when_asked_keeps_its_queue() -> None:
    """As after an outage of ours, in which nobody could speak; a later silence is asked about anew."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made = make_queued(cooler)
        time.advance(minutes=16)
        assert services.refund_stranded_orders() == 0
        time.advance(minutes=5)
        cooler.robots[0].tell("heartbeat")
        time.advance(minutes=14)
        assert services.refund_stranded_orders() == 0
        time.advance(minutes=2)
        assert services.refund_stranded_orders() == 0
        assert ticket_of(made.order.id).probed_at == time.at


@pytest.mark.req("D6")
def test_long_queues_elsewhere_keep_no_stranded_order_waiting() -> None:
    """However many older orders wait where robots work, the store without one is seen."""
    busy = make_cooler()
    without = make_cooler(robots=1, menu=busy.shop.menu)
    with frozen(now()) as time:
        for _ in range(100):
            make_queued(busy)
        mine = make_queued(without)
        Robot.objects.filter(id=without.robots[0].robot_id).update(status="out_of_order")
        time.advance(minutes=16)
        busy.robots[0].tell("heartbeat")
        assert services.refund_stranded_orders() == 1
    mine.order.refresh_from_db()
    assert mine.order.status == "failed"
