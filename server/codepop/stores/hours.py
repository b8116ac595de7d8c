"""When a store is open, exactly, across daylight-saving changes. Pure: no database, no clock.

Hours are wall-clock times. Two rules say what they mean where the wall clock jumps: in the hour that does not exist
(spring) a time means the moment of the jump; in the hour that comes twice (autumn) opening means the first and closing
the last of the two, so that a door people read as open is open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES_PER_DAY = 1440
SEARCH_DAYS = 62
"""How far ahead an opening is looked for; a store that is closed longer has none to promise."""

Span = tuple[int, int]
"""Minutes after a day's midnight on the wall clock: opening and closing, the latter up to 1440 later."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """A store's hours: one tuple of spans for each weekday (0 = Monday), and dates that differ (empty = closed).

    Compared by identity; `build_schedule` gives equal hours the same object, so what follows from them can be kept.
    """

    timezone: str
    weekly: tuple[tuple[Span, ...], ...]
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on this date."""
        if day in self.special:
            return self.special[day]
        return self.weekly[day.weekday()]

    def local_date(self, at: datetime) -> date:
        """The date on the store's wall clock at this instant."""
        return at.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True)
class Period:
    """A stretch of time, from `opens_at` up to but not including `closes_at` (both UTC)."""

    opens_at: datetime
    closes_at: datetime


def minute_text(minute: int) -> str:
    """Wall-clock text of a minute: 420 is "07:00", 1440 is "24:00", 1500 (after midnight) is "01:00"."""
    if minute > MINUTES_PER_DAY:
        minute -= MINUTES_PER_DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def instant(timezone: str, day: date, minute: int, *, closing: bool) -> datetime:
    """The UTC instant at which the wall clock shows `minute` minutes after the midnight of `day`.

    See the module's text for hours that are missing or come twice.
    """
    zone = ZoneInfo(timezone)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001  a wall clock has no zone
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    last = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if last < first:
        return _jump(zone, last, first)
    return last if closing else first


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the zone's offset changes between the two instants (there is exactly one change)."""
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = before.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def periods(schedule: Schedule, first_day: date, days: int) -> Iterator[Period]:
    """Open periods in order of time, touching ones joined, of the spans that begin on the given days."""
    found = [period for offset in range(days) for period in _periods_on(schedule, first_day + timedelta(days=offset))]
    found.sort(key=lambda period: period.opens_at)
    joined: Period | None = None
    for period in found:
        if joined is None:
            joined = period
        elif period.opens_at <= joined.closes_at:
            joined = Period(joined.opens_at, max(joined.closes_at, period.closes_at))
        else:
            yield joined
            joined = period
    if joined is not None:
        yield joined


def _periods_on(schedule: Schedule, day: date) -> Iterator[Period]:
    for opens, closes in schedule.spans_on(day):
        opens_at = instant(schedule.timezone, day, opens, closing=False)
        closes_at = instant(schedule.timezone, day, closes, closing=True)
        if closes_at > opens_at:
            yield Period(opens_at, closes_at)


def period_at(schedule: Schedule, at: datetime) -> Period | None:
    """The open period that holds this instant, or None. Ends at most some days ahead for stores that never close."""
    for period in _periods_around(schedule, schedule.local_date(at)):
        if period.opens_at <= at < period.closes_at:
            return period
    return None


@lru_cache(maxsize=4096)
def _periods_around(schedule: Schedule, day: date) -> tuple[Period, ...]:
    """The periods from before this day to a week after it: worked out once a day for each store."""
    return tuple(periods(schedule, day - timedelta(days=2), 10))


def is_open(schedule: Schedule, at: datetime) -> bool:
    """Whether somebody may fetch a drink at this instant."""
    return period_at(schedule, at) is not None


def closes_at(schedule: Schedule, at: datetime) -> datetime | None:
    """When the store that is open at this instant closes; None when it is closed, or open for the next week on end."""
    period = period_at(schedule, at)
    if period is None or period.closes_at - at > timedelta(days=7):
        return None
    return period.closes_at


def next_opening(schedule: Schedule, at: datetime) -> datetime | None:
    """When a store that is closed at this instant opens; None when it is open, or for good closed (SEARCH_DAYS)."""
    day = schedule.local_date(at)
    if period_at(schedule, at) is not None:
        return None
    soon = next((one.opens_at for one in _periods_around(schedule, day) if one.opens_at > at), None)
    if soon is not None:
        return soon
    for period in periods(schedule, day, SEARCH_DAYS):
        if period.opens_at > at:
            return period.opens_at
    return None


def next_open_instant(schedule: Schedule, at: datetime) -> datetime | None:
    """The first instant from `at` on at which the store is open: `at` itself when it is."""
    return at if is_open(schedule, at) else next_opening(schedule, at)


def build_schedule(
    *, timezone: str, weekly: Sequence[Sequence[int]], special: Sequence[Sequence[str | int | None]]
) -> Schedule:
    """A schedule from rows: [weekday, opens, closes] and [ISO date, opens | None, closes | None]."""
    return _cached_schedule(timezone, tuple(tuple(row) for row in weekly), tuple(tuple(row) for row in special))


@lru_cache(maxsize=4096)
def _cached_schedule(
    timezone: str, weekly: tuple[tuple[int, ...], ...], special: tuple[tuple[str | int | None, ...], ...]
) -> Schedule:
    by_weekday: list[list[Span]] = [[] for _ in range(7)]
    for weekday, opens, closes in weekly:
        by_weekday[weekday].append((opens, closes))
    by_date: dict[date, list[Span]] = {}
    for day, opens_minute, closes_minute in special:
        spans = by_date.setdefault(date.fromisoformat(str(day)), [])
        if opens_minute is not None and closes_minute is not None:
            spans.append((int(opens_minute), int(closes_minute)))
    return Schedule(
        timezone=timezone,
        weekly=tuple(tuple(sorted(spans)) for spans in by_weekday),
        special={day: tuple(sorted(spans)) for day, spans in by_date.items()},
    )
