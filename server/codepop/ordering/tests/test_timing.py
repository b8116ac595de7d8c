"""When a drink will be ready, and which pickups a store can keep, also when clocks jump."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepop.ordering.machine import PickupMode
from codepop.ordering.timing import (
    SLACK,
    START_MARGIN,
    Pickup,
    clock_text,
    make_seconds,
    pickup_problem,
    ready_in_seconds,
    release_at,
)
from codepop.stores.hours import build_schedule, is_open
from codepop.stores.selectors import StoreView
from codepop.stores.waiting import HANDLING_SECONDS

DENVER = "America/Denver"
SEVEN_TO_TEN = [(weekday, 7 * 60, 22 * 60) for weekday in range(7)]
NOON = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # 12:00 in Denver, a Monday


def _store(*, robots: int = 2, hours: list[tuple[int, int, int]] | None = None) -> StoreView:
    some = UUID(int=1)
    return StoreView(
        id=some,
        slug="main-street",
        name="Main Street",
        address="150 North Main Street",
        city="Logan",
        state="UT",
        postal_code="84321",
        lat=41.7,
        lon=-111.8,
        timezone=DENVER,
        currency="usd",
        tax_rate_bps=700,
        accepting_orders=True,
        pause_reason="",
        region_id=some,
        hub_id=some,
        schedule=build_schedule(timezone=DENVER, weekly=hours or SEVEN_TO_TEN, special=[]),
        robots_working=robots,
        seconds_per_drink=45,
    )


def _message(store: StoreView, pickup: Pickup, *, ready_in: int = 60, now: datetime = NOON) -> str | None:
    problem = pickup_problem(store, pickup, ready_in=ready_in, now=now)
    return problem.message if problem else None


def test_work_before_is_shared_by_the_robots() -> None:
    assert ready_in_seconds(queue_seconds=0, robots=2, own_seconds=65) == 65
    assert ready_in_seconds(queue_seconds=301, robots=2, own_seconds=65) == 151 + 65
    assert ready_in_seconds(queue_seconds=300, robots=0, own_seconds=65) == 365
    assert make_seconds(_store(), 3) == 135 + HANDLING_SECONDS


@pytest.mark.req("DOM-05", "DOM-07")
def test_a_pickup_in_opening_hours_is_kept() -> None:
    assert _message(_store(), Pickup()) is None
    assert _message(_store(), Pickup(PickupMode.NOW)) is None
    assert _message(_store(), Pickup(PickupMode.AT, NOON + timedelta(hours=2))) is None
    assert _message(_store(), Pickup(PickupMode.AT, NOON + timedelta(days=2))) is None


@pytest.mark.req("DOM-07")
def test_a_closed_store_takes_orders_for_later_only() -> None:
    night = NOON + timedelta(hours=11)  # 23:00
    assert _message(_store(), Pickup(PickupMode.NOW), now=night) == (
        "Main Street is closed now. It opens at 7:00 AM on Tuesday: choose a time from then on."
    )
    assert _message(_store(), Pickup(PickupMode.AT, night + timedelta(hours=9)), now=night) is None
    assert _message(_store(), Pickup(PickupMode.AT, night + timedelta(hours=7)), now=night) == (
        "Main Street is closed at 6:00 AM on Tuesday. It opens at 7:00 AM: choose a time from then on."
    )


@pytest.mark.req("DOM-07")
def test_what_would_be_ready_after_closing_is_refused() -> None:
    late = NOON + timedelta(hours=9, minutes=58)  # 21:58
    message = _message(_store(), Pickup(), ready_in=180, now=late)
    assert message is not None
    assert message.startswith("Main Street closes before this would be ready.")
    assert _message(_store(), Pickup(), ready_in=60, now=late) is None


def test_times_that_cannot_be_are_refused_with_the_remedy() -> None:
    assert _message(_store(), Pickup(PickupMode.AT, NOON)) is None  # within the slack of a minute and a half
    assert _message(_store(), Pickup(PickupMode.AT, NOON - timedelta(hours=1)), ready_in=120) == (
        "The earliest is 12:02 PM."
    )
    assert _message(_store(), Pickup(PickupMode.AT, NOON + timedelta(days=8))) == (
        "Choose a time within the next 7 days."
    )
    assert "Say when" in (_message(_store(), Pickup(PickupMode.AT)) or "")


def test_without_a_robot_only_later_pickups() -> None:
    store = _store(robots=0)
    assert _message(store, Pickup(PickupMode.NOW)) == (
        "No robot is working at Main Street right now. Choose another store."
    )
    assert _message(store, Pickup(PickupMode.AT, NOON + timedelta(hours=2))) is None


@pytest.mark.req("DOM-07")
@pytest.mark.parametrize(
    ("at", "kept"),
    [
        # Open from 1:00 to 2:30. On 8 March 2026 it is 3:00 right after 1:59 in Denver, so closing time is the jump.
        (datetime(2026, 3, 8, 8, 59, tzinfo=UTC), True),  # 1:59
        (datetime(2026, 3, 8, 9, 0, tzinfo=UTC), False),  # 3:00
        # On 1 November the hour from 1:00 to 2:00 comes twice: two and a half hours of opening.
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), True),  # 1:00, the first time
        (datetime(2026, 11, 1, 8, 29, tzinfo=UTC), True),  # 1:29, the second time
        (datetime(2026, 11, 1, 9, 29, tzinfo=UTC), True),  # 2:29
        (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), False),  # 2:30
    ],
)
def test_hours_hold_when_the_clocks_change(at: datetime, kept: bool) -> None:
    store = _store(hours=[(weekday, 60, 150) for weekday in range(7)])  # 1:00 to 2:30 at night
    assert (_message(store, Pickup(PickupMode.AT, at), now=at - timedelta(hours=3)) is None) == kept


@pytest.mark.req("DOM-07")
@given(
    start=st.integers(1_767_225_600, 1_830_297_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    ahead=st.integers(-3600, 8 * 86400),
    ready_in=st.integers(20, 3600),
)
def test_whatever_is_kept_lies_in_opening_hours(start: datetime, ahead: int, ready_in: int) -> None:
    store = _store()
    at = start + timedelta(seconds=ahead)
    if pickup_problem(store, Pickup(PickupMode.AT, at), ready_in=ready_in, now=start) is None:
        assert is_open(store.schedule, at)
        assert at >= start + timedelta(seconds=ready_in) - SLACK
    if pickup_problem(store, Pickup(PickupMode.NOW), ready_in=ready_in, now=start) is None:
        assert is_open(store.schedule, start)
        assert is_open(store.schedule, start + timedelta(seconds=ready_in))


@pytest.mark.req("DOM-05")
def test_a_scheduled_drink_starts_in_time() -> None:
    at = NOON + timedelta(hours=1)
    assert release_at(Pickup(PickupMode.AT, at), own_seconds=65, now=NOON) == at - timedelta(seconds=65) - START_MARGIN
    assert release_at(Pickup(PickupMode.NOW), own_seconds=65, now=NOON) == NOON
    assert release_at(Pickup(), own_seconds=65, now=NOON) is None


def test_times_are_told_as_people_say_them() -> None:
    assert clock_text(NOON, DENVER, now=NOON) == "12:00 PM"
    assert clock_text(NOON + timedelta(hours=12), DENVER, now=NOON) == "12:00 AM on Tuesday"
    assert clock_text(NOON - timedelta(hours=3, minutes=55), DENVER, now=NOON) == "8:05 AM"


def test_a_paused_robot_count_does_not_matter_for_later() -> None:
    assert _message(replace(_store(), robots_working=0), Pickup(PickupMode.AT, NOON + timedelta(hours=3))) is None
