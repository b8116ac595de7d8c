"""Two times: the stamp written into objects and signatures, and the waiting time that retries and delayed outcomes
count in.

A clock factor of 60 lets an hour between two webhook retries pass in a minute, while stamps stay true, so that a
receiver's check of a signature's age still holds. Advancing the clock moves both. A held clock stands still until it is
advanced or set: for drivers that own all time of a run.
"""

import time
from typing import Any


class Clock:
    """The sandbox's time. `stamp()` is Unix seconds; `waited()` counts waiting seconds, `factor` times faster than
    real ones.
    """

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self.offset = 0.0
        self.held_at: float | None = None
        self._real_base = time.time()
        self._wait_base = self._real_base

    def _real(self) -> float:
        return time.time() if self.held_at is None else self.held_at

    def stamp(self) -> int:
        return int(self._real() + self.offset)

    def iso(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.stamp()))

    def waited(self) -> float:
        return self._wait_base + self.factor * (self._real() - self._real_base)

    def real_seconds_until(self, waited: float) -> float:
        """Real seconds from now until the waiting time `waited` is reached; never negative, endless when held."""
        missing = waited - self.waited()
        if missing > 0 and self.held_at is not None:
            return float("inf")
        return max(0.0, missing / self.factor)

    def set_factor(self, factor: float) -> None:
        self._wait_base, self._real_base = self.waited(), self._real()
        self.factor = factor

    def hold(self, held: bool) -> None:
        """Stand still, or run again from where it stood."""
        stamp, waited = self._real() + self.offset, self.waited()
        self.held_at = time.time() if held else None
        self.offset, self._wait_base, self._real_base = stamp - self._real(), waited, self._real()

    def set_stamp(self, stamp: float) -> None:
        """Make it `stamp`. Waiting goes along when that is later, and never runs backwards."""
        self.advance(max(0.0, stamp - (self._real() + self.offset)))
        self.offset = stamp - self._real()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, for stamps and for waiting."""
        self.offset += seconds
        self._wait_base += seconds

    def reset(self, factor: float) -> None:
        self.__init__(factor)  # type: ignore[misc]

    def to_json(self) -> dict[str, Any]:
        return {
            "offset": self.offset,
            "real_base": self._real_base,
            "wait_base": self._wait_base,
            "factor": self.factor,
            "held_at": self.held_at,
        }

    def restore(self, saved: dict[str, Any], factor: float) -> None:
        """Go on from a saved state after a restart, with the factor that this start was given."""
        self.offset = float(saved["offset"])
        self._real_base, self._wait_base = float(saved["real_base"]), float(saved["wait_base"])
        self.factor = float(saved["factor"])
        self.held_at = saved.get("held_at")
        self.set_factor(factor)
