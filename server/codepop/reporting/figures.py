"""What the figures of a store mean. Pure: plain values in, texts and shares out; the SQL is in selectors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from codepop.core.errors import InvalidInput

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Sold:
    """Money of a period in minor units: sales without tax, and what of it was given back."""

    sales_cents: int
    refunds_cents: int

    @property
    def net_cents(self) -> int:
        """Return what is left of the sales after refunds."""
        return self.sales_cents - self.refunds_cents


@dataclass(frozen=True)
class Promise:
    """How many orders became ready in a period, and how many of them by the time their customer was told."""

    ready: int
    kept: int

    @property
    def percent(self) -> float | None:
        """Return the share kept in per cent, None when nothing became ready."""
        return 100 * self.kept / self.ready if self.ready else None


@dataclass(frozen=True)
class Quarter:
    """A quarter hour and how many orders went to the robots in it."""

    starts_at: datetime
    orders: int


@dataclass(frozen=True)
class Use:
    """An ingredient's recent use: what one delivery left on hand, and the units used on each of the last days."""

    after_delivery: int
    daily: tuple[int, ...]

    @property
    def last_week(self) -> int:
        """Return the units used in the last seven of the days."""
        return sum(self.daily[-7:])


def money(cents: int, currency: str) -> str:
    """Return an amount as people read it: `$412.75`, `-$3.00`, or with the code of another currency."""
    sign = "-" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    return f"{sign}${units:,}.{rest:02d}" if currency == "usd" else f"{sign}{units:,}.{rest:02d} {currency.upper()}"


def cents_of(text: str) -> int:
    """Read an amount as people write it (`7.20`, `$7`, `1,200.5`) into minor units. Raises InvalidInput."""
    found = re.fullmatch(r"\s*\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{1,2}))?\s*", text)
    if found is None:
        raise InvalidInput("Write an amount such as 7.20.", fields={"amount": "not an amount"})
    return int(found[1].replace(",", "")) * 100 + int((found[2] or "0").ljust(2, "0"))


def clock_span(seconds: float | None) -> str:
    """Return a length of time as `0:41` or `1:02:30`; an en dash when there is none."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def amount(value: int, unit: str) -> str:
    """Return a stock amount in the unit that people use: `1.9 l`, `850 ml`, `2.4 kg`, `1,140`."""
    large = {"ml": "l", "g": "kg"}.get(unit)
    if large is None:
        return f"{value:,}"
    if abs(value) < 1000:
        return f"{value} {unit}"
    return f"{value / 1000:.1f} {large}" if abs(value) < 100_000 else f"{value / 1000:,.0f} {large}"


def compared(now_cents: int, before_cents: int, before_name: str) -> str:
    """Say how a sum compares with the same time span before: `+8 % on last Tuesday`."""
    if before_cents <= 0:
        return f"nothing by this time {before_name}"
    change = round(100 * (now_cents - before_cents) / before_cents)
    return f"{change:+d} % on {before_name}" if change else f"the same as {before_name}"


def capacity_per_quarter(*, robots: int, seconds_per_order: float) -> float | None:
    """Return how many orders the working robots finish in a quarter hour; None when none works."""
    if robots <= 0 or seconds_per_order <= 0:
        return None
    return robots * QUARTER.total_seconds() / seconds_per_order


def quarters(counts: Sequence[tuple[datetime, int]], *, first: datetime, last: datetime) -> list[Quarter]:
    """Return every quarter hour from the one of `first` to the one of `last`, with zero where nothing happened."""
    known = dict(counts)
    start, end = quarter_of(first), quarter_of(last)
    steps = int((end - start) / QUARTER)
    return [Quarter(start + step * QUARTER, known.get(start + step * QUARTER, 0)) for step in range(steps + 1)]


def quarter_of(at: datetime) -> datetime:
    """Return the start of the quarter hour that holds this instant (UTC offsets are whole quarters everywhere)."""
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
