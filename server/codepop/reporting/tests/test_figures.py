"""What the figures say, in plain values."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from codepop.fulfilment.plan import Block, Lane, RobotNow
from codepop.reporting import figures
from codepop.reporting.staff.charts import ClockText, percent, quarter_chart, robot_lane, sparkline

NOON = datetime(2026, 11, 23, 19, 7, tzinfo=UTC)
CLOCK = ClockText(ZoneInfo("America/Denver"))


def test_money_is_written_as_people_read_it() -> None:
    assert figures.money(41275, "usd") == "$412.75"
    assert figures.money(-300, "usd") == "-$3.00"
    assert figures.money(1234567, "cad") == "12,345.67 CAD"


def test_lengths_of_time_have_minutes_and_seconds() -> None:
    assert figures.clock_span(41.4) == "0:41"
    assert figures.clock_span(1440) == "24:00"
    assert figures.clock_span(3751) == "1:02:31"
    assert figures.clock_span(None) == "–"


def test_amounts_use_the_unit_that_people_use() -> None:
    assert figures.amount(1900, "ml") == "1.9 l"
    assert figures.amount(850, "ml") == "850 ml"
    assert figures.amount(2400, "g") == "2.4 kg"
    assert figures.amount(151200, "ml") == "151 l"
    assert figures.amount(1140, "piece") == "1,140"


def test_a_comparison_with_nothing_says_so_instead_of_infinity() -> None:
    assert figures.compared(108, 100, "last Tuesday") == "+8 % on last Tuesday"
    assert figures.compared(92, 100, "last Tuesday") == "-8 % on last Tuesday"
    assert figures.compared(100, 100, "last Tuesday") == "the same as last Tuesday"
    assert figures.compared(100, 0, "last Tuesday") == "nothing by this time last Tuesday"


def test_a_promise_of_no_orders_has_no_percentage() -> None:
    assert figures.Promise(ready=0, kept=0).percent is None
    assert figures.Promise(ready=40, kept=39).percent == pytest.approx(97.5)


def test_quarters_without_orders_are_shown_as_zero() -> None:
    first = datetime(2026, 11, 23, 18, 31, tzinfo=UTC)
    shown = figures.quarters([(datetime(2026, 11, 23, 18, 45, tzinfo=UTC), 3)], first=first, last=NOON)
    assert [(one.starts_at.minute, one.orders) for one in shown] == [(30, 0), (45, 3), (0, 0)]


def test_capacity_counts_working_robots_only() -> None:
    assert figures.capacity_per_quarter(robots=3, seconds_per_order=90) == 30
    assert figures.capacity_per_quarter(robots=0, seconds_per_order=90) is None


def _block(start_s: int, seconds: int, kind: str = "planned") -> Block:
    starts = NOON + timedelta(seconds=start_s)
    note = "pouring" if kind == "making" else ""
    return Block(uuid4(), "A-1042", "Haze", kind, note, starts, starts + timedelta(seconds=seconds))  # type: ignore[arg-type]  # one of two words


def test_lanes_show_blocks_where_they_are_and_cut_what_began_before() -> None:
    robot = RobotNow(robot_id=uuid4(), name="Robot 1", status="normal", working=True, making=None)
    blocks = (_block(-60, 120, "making"), _block(180, 180), _block(900, 60))
    lane = robot_lane(Lane(robot, blocks), at=NOON, span=timedelta(minutes=12), clock=CLOCK)
    assert [(one.left, one.width, one.note) for one in lane.blocks] == [
        (0.0, 8.3, "pouring"),
        (25.0, 25.0, "A-1042 · 12:10"),
    ]
    assert lane.off == ""


def test_a_robot_that_is_off_says_why() -> None:
    robot = RobotNow(robot_id=uuid4(), name="Robot 3", status="out of order", working=False, making=None)
    assert robot_lane(Lane(robot, ()), at=NOON, span=timedelta(minutes=12), clock=CLOCK).off == "out of order"


def test_the_chart_marks_now_and_the_capacity() -> None:
    shown = figures.quarters([(NOON.replace(minute=0), 10)], first=NOON - timedelta(hours=1), last=NOON)
    chart = quarter_chart(shown, capacity=20, at=NOON, clock=CLOCK)
    assert [bar.current for bar in chart.bars] == [False, False, False, False, True]
    assert chart.capacity == 20
    assert chart.capacity_y is not None
    assert chart.capacity_y < chart.bars[-1].y < chart.base
    assert chart.bars[-1].label == "12:00: 10"


def test_shares_stay_within_the_bar() -> None:
    assert percent(1.7) == 100.0
    assert percent(-0.2) == 0.0
    assert sparkline([0, 5, 10]).split()[-1] == "118.0,3.0"
