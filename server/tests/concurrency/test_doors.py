"""Many robots, few doors, real connections."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import pytest

from codepop.core.errors import AppError, Busy
from codepop.core.idempotency import Answer
from codepop.fulfilment import services
from codepop.fulfilment.models import DoorCommand, DoorUse, Ticket
from codepop.fulfilment.selectors import NoWork, Work
from codepop.fulfilment.tests.factories import claim, code_of, make_cooler, make_queued, make_ready, request_open
from codepop.inventory.selectors import discrepancies
from codepop.ordering import services as ordering
from codepop.ordering.models import Order
from tests import racing

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")


def at_once(calls: Iterable[Callable[[], T]]) -> list[T | AppError]:
    """Run all calls together; a refusal is an answer too."""

    def answer(call: Callable[[], T]) -> T | AppError:
        try:
            return call()
        except AppError as refusal:
            return refusal

    return racing.at_once(partial(answer, call) for call in calls)


@pytest.mark.req("DOM-28", "D4")
def test_fifty_robots_and_one_door() -> None:
    """Exactly one claim wins the last door; the others get nothing, and nothing of theirs is touched."""
    cooler = make_cooler(robots=50, doors=1)
    for _ in range(50):
        make_queued(cooler)
    answers = at_once([partial(services.claim_work, device=robot.view) for robot in cooler.robots])
    won = [one for one in answers if isinstance(one, Work)]
    assert len(won) == 1
    assert all(isinstance(one, Work | Busy) or one == NoWork.NO_DOOR for one in answers)
    assert DoorUse.objects.exclude(state="closed").count() == 1
    assert Counter(Ticket.objects.values_list("status", flat=True)) == {"queued": 49, "claimed": 1}
    assert Counter(Order.objects.values_list("status", flat=True)) == {"queued": 49, "preparing": 1}
    assert discrepancies() == []


@pytest.mark.req("DOM-28", "D4")
def test_twenty_robots_and_twelve_doors() -> None:
    """Twelve orders in twelve different doors, none twice; asking again fills no thirteenth."""
    cooler = make_cooler(robots=20, doors=12)
    for _ in range(20):
        make_queued(cooler)
    for _ in range(3):
        at_once([partial(services.claim_work, device=robot.view) for robot in cooler.robots])
    held = DoorUse.objects.exclude(state="closed")
    assert sorted(held.values_list("door__number", flat=True)) == list(range(1, 13))
    assert len(set(held.values_list("ticket", flat=True))) == 12
    assert Order.objects.filter(status="preparing").count() == 12


def test_one_robot_asking_twenty_times_at_once() -> None:
    """The same work twenty times, one door, one order."""
    cooler = make_cooler()
    for _ in range(5):
        make_queued(cooler)
    answers = at_once([lambda: services.claim_work(device=cooler.robots[0].view)] * 20)
    assert len({one.ticket_id for one in answers if isinstance(one, Work)}) == 1
    assert DoorUse.objects.count() == 1


def test_claim_against_cancel() -> None:
    """Either the robot has it or the customer gets the money back: never both, never neither."""
    cooler = make_cooler(robots=2)
    for _ in range(8):
        made = make_queued(cooler)
        cancel = partial(ordering.cancel_order, order_id=made.order.id, actor="guest", reason="")
        calls: list[Callable[[], object]] = [cancel, partial(services.claim_work, device=cooler.robots[0].view)]
        at_once(calls)
        made.order.refresh_from_db()
        ticket = Ticket.objects.get(order_id=made.order.id)
        assert (made.order.status, ticket.status) in {("cancelled", "cancelled"), ("preparing", "claimed")}
        if ticket.status == "claimed":
            work = claim(cooler.robots[0])
            cooler.robots[0].tell("loaded", work.ticket_id, door_number=work.door_number)
    assert discrepancies() == []


def test_the_same_report_ten_times_at_once() -> None:
    """One effect."""
    cooler = make_cooler()
    made = make_queued(cooler)
    robot = cooler.robots[0]
    work = claim(robot)
    report = robot.next("loaded", work.ticket_id, door_number=1)
    at_once([lambda: services.accept_reports(device=robot.view, reports=[report])] * 10)
    made.order.refresh_from_db()
    assert made.order.status == "ready"
    assert made.order.transitions.filter(to_status="ready").count() == 1


@pytest.mark.req("DOM-26")
def test_opening_ten_times_at_once_gives_one_command() -> None:
    """However often it is tapped."""
    cooler = make_cooler()
    made, _ = make_ready(cooler)
    code = code_of(made.order.id)
    answers = at_once([lambda: request_open(made.order.id, code)] * 10)
    assert [answer.status for answer in answers if isinstance(answer, Answer)] == [202] * 10
    assert DoorCommand.objects.count() == 1


@pytest.mark.req("DOM-26")
def test_wrong_codes_at_once_are_all_counted() -> None:
    """Guessing in parallel gains nothing: five are judged, the rest are locked out."""
    cooler = make_cooler()
    make_ready(cooler)
    guesses = [f"22222{letter}" for letter in "ABCDEFGHJKLMNPQRSTUV"]
    answers = at_once(
        [partial(services.open_at_keypad, device=cooler.controller.view, code=guess) for guess in guesses]
    )
    codes = Counter(one.code for one in answers if isinstance(one, AppError))
    assert codes == {"wrong_code": 5, "code_locked": 15}


@pytest.mark.req("DOM-27")
def test_expiry_against_the_door_being_opened() -> None:
    """One of the two wins; the order is discarded or picked up, never both."""
    cooler = make_cooler()
    made, work = make_ready(cooler)
    DoorUse.objects.update(expires_at=made.order.created_at)
    opened = cooler.controller.next("door_opened", work.ticket_id, door_number=1, how="offline")
    at_once(
        [
            services.discard_overdue,
            lambda: services.accept_reports(device=cooler.controller.view, reports=[opened]),
        ]
    )
    made.order.refresh_from_db()
    state = DoorUse.objects.get().state
    assert (made.order.status, state) in {("discarded", "emptying"), ("picked_up", "opened")}
