"""A store's screen as values: what its people must know now, and what needs one of them."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from codepop.fulfilment import selectors as fulfilment
from codepop.fulfilment.limits import pickup_time
from codepop.fulfilment.selectors import DoorNow
from codepop.inventory import selectors as inventory
from codepop.inventory.selectors import LevelView
from codepop.kit.clock import now
from codepop.reporting import figures, selectors
from codepop.reporting.staff.charts import (
    Chart,
    ClockText,
    RobotLane,
    percent,
    quarter_chart,
    robot_lane,
    sparkline,
)
from codepop.stores.hours import closes_at, next_opening
from codepop.stores.selectors import StoreView

LANE_SPAN = timedelta(minutes=12)
LATE_SHARE = 0.2
"""A drink with less than this share of its time left behind its door is shown as late: something can still be done."""
CONTROLLER_SILENT = timedelta(minutes=2)
STOCK_SHOWN = 6
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Figure:
    """One of the five figures; `level` is "", "warn" or "bad"."""

    title: str
    value: str
    note: str
    level: str = ""


@dataclass(frozen=True)
class Door:
    """A door as it stands; `level` is the class of its look, `text` always says the same in words."""

    number: int
    level: str
    text: str
    order_id: str | None
    order_code: str | None


@dataclass(frozen=True)
class StockRow:
    """An ingredient's level; `share` and `low_at` are per cent of a scale that the last delivery fills.

    The scale is at least four times the threshold, so that "low" never looks full.
    """

    name: str
    left: str
    reserved: str
    threshold: str
    level: str
    word: str
    share: float
    low_at: float
    used_week: str
    points: str


@dataclass(frozen=True)
class Head:
    """The line under a store's name."""

    hours: str
    local_time: str
    state: str
    state_level: str


@dataclass(frozen=True)
class Board:
    """All of a store's screen."""

    head: Head
    figures: list[Figure]
    needs: list[str]
    lanes: list[RobotLane]
    lane_from: str
    lane_to: str
    waiting: str
    doors: list[Door]
    stock: list[StockRow]
    stock_total: int
    chart: Chart
    at: datetime


def clock_of(store: StoreView) -> ClockText:
    """Return what writes instants on the store's wall clock."""
    return ClockText(ZoneInfo(store.timezone))


def day_start(store: StoreView, at: datetime, *, days_before: int = 0) -> datetime:
    """Return the store's midnight of the day that holds `at`, or of a day some days before."""
    zone = ZoneInfo(store.timezone)
    local = at.astimezone(zone)
    day = local.date() - timedelta(days=days_before)
    return datetime.combine(day, time.min, zone)


def hours_text(store: StoreView, at: datetime) -> str:
    """Say until when the store is open, or when it opens."""
    clock = clock_of(store)
    if store.is_open(at):
        closing = closes_at(store.schedule, at)
        return f"open until {clock(closing)}" if closing else "always open"
    opening = next_opening(store.schedule, at)
    if opening is None:
        return "closed"
    local = opening.astimezone(ZoneInfo(store.timezone))
    same_day = store.local_date(opening) == store.local_date(at)
    return f"closed, opens {clock(opening)}" if same_day else f"closed, opens {local:%A} {clock(opening)}"


def make_board(store: StoreView) -> Board:
    """Read all that a store's screen shows; the number of queries does not grow with the number of orders."""
    at = now()
    clock = clock_of(store)
    since = day_start(store, at)
    lanes = fulfilment.lanes_now(store.id, minutes=int(LANE_SPAN.total_seconds() // 60))
    doors = fulfilment.doors_now(store.id)
    levels = inventory.levels(store.id)
    queue = fulfilment.queue_now(store.id)
    counts = selectors.count_orders(store.id)
    silent = is_controller_silent(fulfilment.controller_seen_at(store.id), at)
    robots_off = [f"{lane.robot.name} {lane.robot.status}" for lane in lanes if not lane.robot.working]
    machines = robots_off + (["door controller silent"] if silent else [])
    needs = [*machines, *_needs(store, at, doors=doors, levels=levels, waiting_for_door=queue.waiting_for_door)]
    return Board(
        head=head(store, at, problems=machines),
        figures=[*_figures(store, at, since), _needs_figure(needs)],
        needs=needs,
        lanes=[robot_lane(lane, at=at, span=LANE_SPAN, clock=clock) for lane in lanes],
        lane_from=clock(at),
        lane_to=clock(at + LANE_SPAN),
        waiting=_waiting_text(len(queue.waiting), counts["future"], queue.waiting_for_door),
        doors=[door_state(door, at) for door in doors],
        stock=stock_rows(store, at, levels)[:STOCK_SHOWN],
        stock_total=len(levels),
        chart=_chart(store, at, since, clock),
        at=at,
    )


def head(store: StoreView, at: datetime, *, problems: list[str]) -> Head:
    """Return the header's texts: hours, local time, and the state of the store's systems."""
    local = at.astimezone(ZoneInfo(store.timezone))
    if not store.accepting_orders:
        state, level = "orders paused", "warn"
    elif problems:
        state, level = " · ".join(problems), "bad"
    else:
        state, level = "all systems well", "ok"
    return Head(hours_text(store, at), f"{local:%A} {clock_of(store)(at)}", state, level)


def is_controller_silent(seen_at: datetime | None, at: datetime) -> bool:
    """Say whether the door controller has not been heard of for too long (or never)."""
    return seen_at is None or at - seen_at > CONTROLLER_SILENT


def _figures(store: StoreView, at: datetime, since: datetime) -> list[Figure]:
    today = fulfilment.figures(store.id, since=since, until=at)
    week = fulfilment.figures(store.id, since=at - _WEEK, until=at)
    kept = selectors.promise(store.id, since=since, until=at)
    limit = figures.clock_span(pickup_time().total_seconds())
    return [
        Figure(
            "Promise kept today",
            f"{kept.percent:.1f} %" if kept.percent is not None else "–",
            f"{kept.kept} of {kept.ready} orders in time" if kept.ready else "no order ready yet today",
        ),
        Figure(
            "Waiting for a drink",
            figures.clock_span(today.median_wait_s),
            f"median, 7 days {figures.clock_span(week.median_wait_s)}",
        ),
        Figure("Drink age at the door", figures.clock_span(today.median_age_at_door_s), f"median, limit {limit}"),
        _sold_figure(store, at, since),
    ]


def _sold_figure(store: StoreView, at: datetime, since: datetime) -> Figure:
    before = day_start(store, at, days_before=7)
    today = selectors.sold(store.id, since=since, until=at).net_cents
    last_week = selectors.sold(store.id, since=before, until=before + (at - since)).net_cents
    weekday = f"last {since:%A}"
    return Figure("Sold today", figures.money(today, store.currency), figures.compared(today, last_week, weekday))


def _needs_figure(needs: list[str]) -> Figure:
    if not needs:
        return Figure("Needs you", "0", "nothing to do")
    return Figure("Needs you", str(len(needs)), " · ".join(needs[:3]), "bad")


def _needs(
    store: StoreView, at: datetime, *, doors: list[DoorNow], levels: list[LevelView], waiting_for_door: bool
) -> list[str]:
    found = [f"door {door.number} late" for door in doors if _is_late(door, at)]
    found += [f"door {door.number} out of order" for door in doors if not door.working]
    found += [f"{level.name} {'sold out' if level.portions <= 0 else 'low'}" for level in levels if level.low]
    if waiting_for_door:
        found.append("all doors taken, robots wait")
    if not store.accepting_orders:
        found.append("orders paused")
    return found


def _waiting_text(queued: int, future: int, waiting_for_door: bool) -> str:
    if waiting_for_door:
        return f"{queued} in the queue wait for a free door."
    line = "Nobody is in the queue" if not queued else f"{queued} in the queue"
    later = f"; {future} more placed, for later" if future else ""
    return f"{line}{later}."


def _is_late(door: DoorNow, at: datetime) -> bool:
    if door.state == "emptying":
        return True
    return door.state == "loaded" and door.expires_at is not None and door.expires_at - at < LATE_SHARE * pickup_time()


def door_state(door: DoorNow, at: datetime) -> Door:
    """Return a door's look and words."""
    order = str(door.order_id) if door.order_id else None
    waited = figures.clock_span((at - door.since).total_seconds()) if door.since else ""
    if not door.working:
        level, text = "broken", "out of order"
    elif door.state == "free":
        level, text = "free", "free"
    elif door.state == "held":
        level, text = "held", "held"
    elif door.state == "opened":
        level, text = "loaded", "open"
    elif door.state == "emptying":
        level, text = "late", "empty it"
    else:
        level, text = ("late", f"{waited} late") if _is_late(door, at) else ("loaded", waited)
    return Door(door.number, level, text, order, door.order_code)


def stock_rows(store: StoreView, at: datetime, levels: list[LevelView]) -> list[StockRow]:
    """Return the levels, those first that recent use empties first; low ones always lead."""
    use = selectors.stock_use(store.id, at=at)
    nothing = figures.Use(after_delivery=0, daily=())

    def urgency(level: LevelView) -> tuple[bool, float, str]:
        used = use.get(level.ingredient_id, nothing).last_week
        return not level.low, level.free / used if used else float("inf"), level.name

    return [_stock_row(level, use.get(level.ingredient_id, nothing)) for level in sorted(levels, key=urgency)]


def _stock_row(level: LevelView, use: figures.Use) -> StockRow:
    full = max(use.after_delivery, level.on_hand, 4 * level.low_threshold, 1)
    look, word = ("bad", "sold out") if level.portions <= 0 else ("warn", "low") if level.low else ("ok", "")
    return StockRow(
        name=level.name,
        left=figures.amount(level.free, level.unit),
        reserved=figures.amount(level.reserved, level.unit),
        threshold=figures.amount(level.low_threshold, level.unit),
        level=look,
        word=word,
        share=percent(level.free / full),
        low_at=percent(level.low_threshold / full),
        used_week=figures.amount(use.last_week, level.unit),
        points=sparkline(use.daily) if any(use.daily) else "",
    )


def _chart(store: StoreView, at: datetime, since: datetime, clock: ClockText) -> Chart:
    counts = selectors.released_by_quarter(store.id, since=since, until=at)
    first = max(since, min([start for start, _ in counts] + [at - timedelta(hours=2)]))
    per_order = selectors.seconds_per_order(store.id, since=at - _WEEK) or float(store.seconds_per_drink)
    capacity = figures.capacity_per_quarter(robots=store.robots_working, seconds_per_order=per_order)
    return quarter_chart(figures.quarters(counts, first=first, last=at), capacity=capacity, at=at, clock=clock)
