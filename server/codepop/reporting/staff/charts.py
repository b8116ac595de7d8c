"""Where the bars and lanes of a store's screen stand. Pure: lengths in per cent or in the chart's own units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from codepop.fulfilment.plan import Block, Lane
from codepop.reporting.figures import Quarter

TOP, BASE, TICK_Y = 26, 196, 214
"""Heights of the chart in pixels: where the highest bar may reach, where bars stand, where times are written."""
_MOST_BARS = 32


@dataclass(frozen=True)
class ClockText:
    """Writes instants as the store's wall clock shows them."""

    zone: ZoneInfo

    def __call__(self, at: datetime) -> str:
        """Return `8:43`."""
        local = at.astimezone(self.zone)
        return f"{local.hour}:{local.minute:02d}"


@dataclass(frozen=True)
class LaneBlock:
    """A block of a robot's lane: where it begins and how long it is, in per cent of the lane."""

    kind: str
    title: str
    note: str
    left: float
    width: float
    url: str | None


@dataclass(frozen=True)
class RobotLane:
    """A robot's lane; `off` says why it makes nothing, empty when it works."""

    name: str
    off: str
    blocks: list[LaneBlock]


@dataclass(frozen=True)
class Bar:
    """A bar of the chart: across in per cent, upright in pixels."""

    x: float
    y: float
    width: float
    height: float
    current: bool
    label: str


@dataclass(frozen=True)
class Chart:
    """Orders per quarter hour; `capacity_y` is the height of the robots' capacity, None when none works."""

    bars: list[Bar]
    ticks: list[tuple[float, str]]
    capacity: int | None
    capacity_y: float | None
    base: int = BASE
    tick_y: int = TICK_Y

    @property
    def capacity_label_y(self) -> float:
        """Return where the capacity's name is written."""
        return (self.capacity_y or TOP) - 6


def percent(value: float) -> float:
    """Return a share as per cent within 0..100, one decimal."""
    return round(100 * min(1.0, max(0.0, value)), 1)


def robot_lane(lane: Lane, *, at: datetime, span: timedelta, clock: ClockText) -> RobotLane:
    """Return a lane's blocks within the next `span`."""
    shown = [block for block in lane.blocks if block.ends_at > at and block.starts_at < at + span]
    return RobotLane(
        name=lane.robot.name,
        off="" if lane.robot.working else lane.robot.status,
        blocks=[_lane_block(block, at, span, clock) for block in shown],
    )


def _lane_block(block: Block, at: datetime, span: timedelta, clock: ClockText) -> LaneBlock:
    left = percent((block.starts_at - at) / span)
    right = percent((block.ends_at - at) / span)
    note = block.note if block.kind == "making" else f"{block.code} · {clock(block.starts_at)}"
    return LaneBlock(block.kind, block.title, note, left, max(round(right - left, 1), 1.0), None)


def sparkline(daily: Sequence[int]) -> str:
    """Return the points of a 120 x 28 line through the days' values."""
    highest = max(daily, default=0) or 1
    step = 116 / max(len(daily) - 1, 1)
    return " ".join(f"{2 + n * step:.1f},{25 - 22 * value / highest:.1f}" for n, value in enumerate(daily))


def quarter_chart(quarters: Sequence[Quarter], *, capacity: float | None, at: datetime, clock: ClockText) -> Chart:
    """Return the last quarters of the day as bars, against what the robots could have made."""
    shown = list(quarters)[-_MOST_BARS:]
    top = max([one.orders for one in shown] + [round(capacity or 0), 4])
    scale, step = (BASE - TOP) / top, 100 / max(len(shown), 8)
    bars = [
        Bar(
            x=round(n * step + step * 0.1, 2),
            y=round(BASE - one.orders * scale, 1),
            width=round(step * 0.8, 2),
            height=round(one.orders * scale, 1),
            current=one.starts_at <= at < one.starts_at + timedelta(minutes=15),
            label=f"{clock(one.starts_at)}: {one.orders}",
        )
        for n, one in enumerate(shown)
    ]
    every = max(1, -(-len(shown) // 5))
    ticks = [(round(n * step + step * 0.1, 2), clock(shown[n].starts_at)) for n in range(0, len(shown), every)]
    return Chart(
        bars=bars,
        ticks=ticks,
        capacity=round(capacity) if capacity else None,
        capacity_y=round(BASE - capacity * scale, 1) if capacity else None,
    )
