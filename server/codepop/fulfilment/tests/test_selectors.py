"""What staff see of queue, robots and doors."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from codepop.fulfilment import selectors, services
from codepop.fulfilment.tests.factories import claim, make_cooler, make_queued, make_ready
from codepop.kit.clock import frozen, now

pytestmark = pytest.mark.django_db


@pytest.mark.req("DOM-26")
def test_doors_with_minutes_waiting() -> None:
    """Free, held, loaded since so long."""
    cooler = make_cooler(doors=3)
    with frozen(now()) as time:
        made, _ = make_ready(cooler)
        make_queued(cooler)
        claim(cooler.robots[0])
        time.advance(minutes=4, seconds=30)
        doors = selectors.doors_now(cooler.store_id)
        assert [(door.number, door.state, door.minutes_waiting) for door in doors] == [
            (1, "loaded", 4.5),
            (2, "held", None),
            (3, "free", None),
        ]
        assert doors[0].order_code == made.order.code


def test_lanes_and_queue(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """What is being made, what comes next and about when; in few queries, however long the queue."""
    cooler = make_cooler()
    with frozen(now()) as time:
        making = make_queued(cooler, quantity=2)
        work = claim(cooler.robots[0])
        cooler.robots[0].tell("step", work.ticket_id, drink_index=0, step_index=2)
        waiting = [make_queued(cooler) for _ in range(4)]
        with django_assert_num_queries(5):
            first, second = selectors.lanes_now(cooler.store_id)
        block = first.blocks[0]
        assert (block.code, block.title, block.note) == (making.order.code, "Canyon Sunset ×2", "Adding peach")
        assert second.blocks[0].code == waiting[0].order.code
        assert second.blocks[0].starts_at == time.at
        queue = selectors.queue_now(cooler.store_id)
        assert [one.code for one in queue.waiting] == [made.order.code for made in waiting]
        assert not queue.waiting_for_door


@pytest.mark.req("DOM-28")
def test_queue_says_that_it_waits_for_a_door() -> None:
    """Staff read why nothing is made."""
    cooler = make_cooler(doors=1)
    make_ready(cooler)
    make_queued(cooler)
    assert selectors.queue_now(cooler.store_id).waiting_for_door


@pytest.mark.req("D3")
def test_figures() -> None:
    """Median from release to door, and of the drink's age when the door is opened."""
    cooler = make_cooler()
    with frozen(now()) as time:
        start = time.at
        for age_s in (60, 120, 600):
            make_queued(cooler)
            work = claim(cooler.robots[0])
            time.advance(seconds=40)
            cooler.robots[0].tell("loaded", work.ticket_id, door_number=work.door_number)
            time.advance(seconds=age_s)
            cooler.controller.tell("door_opened", work.ticket_id, door_number=work.door_number)
            cooler.controller.tell("door_closed", work.ticket_id, door_number=work.door_number)
        make_ready(cooler)
        time.advance(minutes=30)
        cooler.controller.tell("heartbeat")
        services.discard_overdue()
        cooler.controller.tell("door_emptied", None, door_number=1)
        time.advance(seconds=1)
        told = selectors.figures(cooler.store_id, since=start)
        assert (told.finished, told.median_age_at_door_s, told.discarded, told.failed) == (4, 120.0, 1, 0)
        assert told.median_wait_s == 40.0
        assert selectors.figures(cooler.store_id, since=start - timedelta(days=1), until=start) == selectors.Figures(
            finished=0, median_wait_s=None, median_age_at_door_s=None, discarded=0, failed=0
        )
