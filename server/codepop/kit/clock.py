"""The one place that says what time it is, so that a test can hold or move time for the whole process.

Product code calls `now()`; nobody calls `datetime.now` or `time.time` for business time. Time-outs of
locks and connections use the machine's monotonic clock and are not affected.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def _system() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Clock:
    read: Callable[[], datetime]


_clock = _Clock(_system)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return _clock.read()


@dataclass
class FrozenTime:
    """Time that stands still until it is moved; handed out by `frozen`."""

    at: datetime

    def advance(self, **delta: float) -> datetime:
        """Move on by a `timedelta(**delta)` (seconds=, minutes=, hours=, days=) and return the new instant."""
        self.at += timedelta(**delta)
        return self.at


@contextmanager
def frozen(at: datetime) -> Iterator[FrozenTime]:
    """Hold the process's clock at `at` (must be aware); all threads see it. Restored on exit."""
    if at.tzinfo is None:
        raise ValueError("frozen() needs an aware datetime")
    held = FrozenTime(at.astimezone(UTC))
    previous = _clock.read
    _clock.read = lambda: held.at
    try:
        yield held
    finally:
        _clock.read = previous
