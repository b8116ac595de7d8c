"""Opening hours on a wall clock that jumps twice a year."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codepop.stores.hours import (
    Schedule,
    build_schedule,
    closes_at,
    instant,
    is_open,
    minute_text,
    next_open_instant,
    next_opening,
    period_at,
    periods,
)

DENVER = "America/Denver"
ZONES = [
    DENVER,
    "America/Phoenix",
    "America/New_York",
    "America/Chicago",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
]
SPRING = date(2026, 3, 8)
AUTUMN = date(2026, 11, 1)


def daily(opens: int, closes: int, timezone: str = DENVER) -> Schedule:
    return build_schedule(timezone=timezone, weekly=[(day, opens, closes) for day in range(7)], special=[])


def utc(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.req("DOM-07")
def test_open_from_the_first_minute_up_to_the_last() -> None:
    schedule = daily(7 * 60, 22 * 60)
    assert not is_open(schedule, utc(2026, 1, 15, 13, 59))
    assert is_open(schedule, utc(2026, 1, 15, 14, 0))
    assert is_open(schedule, utc(2026, 1, 16, 4, 59))
    assert not is_open(schedule, utc(2026, 1, 16, 5, 0))
    assert next_opening(schedule, utc(2026, 1, 16, 5, 0)) == utc(2026, 1, 16, 14, 0)
    assert closes_at(schedule, utc(2026, 1, 15, 20, 0)) == utc(2026, 1, 16, 5, 0)


@pytest.mark.req("DOM-07")
def test_the_same_wall_clock_is_another_instant_after_the_change() -> None:
    schedule = daily(7 * 60, 22 * 60)
    assert next_opening(schedule, utc(2026, 3, 7, 8, 0)) == utc(2026, 3, 7, 14, 0)
    assert next_opening(schedule, utc(2026, 3, 8, 8, 0)) == utc(2026, 3, 8, 13, 0)


@pytest.mark.req("DOM-07")
def test_an_hour_that_does_not_exist_is_the_moment_of_the_jump() -> None:
    jump = utc(2026, 3, 8, 9, 0)
    assert instant(DENVER, SPRING, 150, closing=False) == jump
    assert instant(DENVER, SPRING, 150, closing=True) == jump
    assert instant(DENVER, SPRING, 180, closing=False) == jump
    assert list(periods(daily(130, 170), SPRING, 1)) == []


@pytest.mark.req("DOM-07")
def test_an_hour_that_comes_twice_is_open_in_both() -> None:
    assert instant(DENVER, AUTUMN, 90, closing=False) == utc(2026, 11, 1, 7, 30)
    assert instant(DENVER, AUTUMN, 90, closing=True) == utc(2026, 11, 1, 8, 30)
    (only,) = periods(daily(60, 120), AUTUMN, 1)
    assert only.closes_at - only.opens_at == timedelta(hours=2)


def test_hours_after_midnight_belong_to_the_evening_before() -> None:
    schedule = build_schedule(timezone=DENVER, weekly=[(4, 17 * 60, 26 * 60)], special=[])
    saturday_one = utc(2026, 1, 17, 8, 0)
    assert is_open(schedule, saturday_one)
    assert not is_open(schedule, utc(2026, 1, 17, 9, 0))
    assert next_opening(schedule, utc(2026, 1, 17, 9, 0)) == utc(2026, 1, 24, 0, 0)


def test_two_spans_a_day_and_touching_ones() -> None:
    siesta = build_schedule(timezone=DENVER, weekly=[(0, 420, 690), (0, 840, 1320)], special=[])
    noon = utc(2026, 1, 12, 19, 0)
    assert not is_open(siesta, noon)
    assert next_opening(siesta, noon) == utc(2026, 1, 12, 21, 0)
    touching = build_schedule(timezone=DENVER, weekly=[(0, 420, 690), (0, 690, 1320)], special=[])
    period = period_at(touching, noon)
    assert period is not None
    assert period.closes_at - period.opens_at == timedelta(hours=15)


def test_a_store_that_never_closes() -> None:
    schedule = daily(0, 1440)
    assert is_open(schedule, utc(2026, 3, 8, 9, 0))
    assert closes_at(schedule, utc(2026, 3, 8, 9, 0)) is None
    assert next_opening(schedule, utc(2026, 3, 8, 9, 0)) is None


def test_special_days_replace_the_week() -> None:
    schedule = build_schedule(
        timezone=DENVER,
        weekly=[(day, 420, 1320) for day in range(7)],
        special=[("2026-12-25", None, None), ("2026-12-24", 420, 900)],
    )
    eve = utc(2026, 12, 24, 23, 0)
    assert not is_open(schedule, eve)
    assert next_opening(schedule, eve) == utc(2026, 12, 26, 14, 0)


def test_a_store_without_hours_never_opens() -> None:
    schedule = build_schedule(timezone=DENVER, weekly=[], special=[])
    assert next_opening(schedule, utc(2026, 1, 1, 0, 0)) is None
    assert next_open_instant(schedule, utc(2026, 1, 1, 0, 0)) is None


def test_clock_texts() -> None:
    assert [minute_text(minute) for minute in (0, 420, 1439, 1440, 1500)] == [
        "00:00",
        "07:00",
        "23:59",
        "24:00",
        "01:00",
    ]


spans = st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda one: (one[0], one[1], one[1] + one[2])
)
schedules = st.builds(
    lambda zone, weekly: build_schedule(timezone=zone, weekly=sorted(set(weekly)), special=[]),
    st.sampled_from(ZONES),
    st.lists(spans, max_size=8),
)
instants = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.req("DOM-07")
@given(schedules, instants)
@example(daily(130, 170), utc(2026, 3, 8, 9, 30))
@example(daily(60, 120), utc(2026, 11, 1, 8, 0))
def test_open_now_or_at_the_next_opening(schedule: Schedule, at: datetime) -> None:
    opening = next_opening(schedule, at)
    if is_open(schedule, at):
        assert opening is None
        assert period_at(schedule, at) is not None
    else:
        assert period_at(schedule, at) is None
        assert closes_at(schedule, at) is None
    if opening is not None:
        assert opening > at
        assert is_open(schedule, opening)
        assert not is_open(schedule, opening - timedelta(seconds=1))


@pytest.mark.req("DOM-07")
@given(schedules, instants)
def test_open_means_that_the_wall_clock_says_so(schedule: Schedule, at: datetime) -> None:
    at = at.replace(second=0, microsecond=0)
    wall = at.astimezone(ZoneInfo(schedule.timezone))
    minute = wall.hour * 60 + wall.minute
    yesterday = wall.date() - timedelta(days=1)
    by_clock = any(opens <= minute < closes for opens, closes in schedule.spans_on(wall.date())) or any(
        opens <= minute + 1440 < closes for opens, closes in schedule.spans_on(yesterday)
    )
    if _far_from_a_jump(schedule.timezone, at):
        assert is_open(schedule, at) == by_clock
    elif by_clock:
        assert is_open(schedule, at)


def _far_from_a_jump(timezone: str, at: datetime) -> bool:
    zone = ZoneInfo(timezone)
    offsets = {(at + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-50, 51)}
    return len(offsets) == 1


@given(schedules, instants)
def test_periods_are_apart_and_in_order(schedule: Schedule, at: datetime) -> None:
    found = list(periods(schedule, at.date(), 10))
    assert all(one.opens_at < one.closes_at for one in found)
    assert all(one.closes_at < after.opens_at for one, after in itertools.pairwise(found))
