"""Two times: the stamp written into objects and signatures, and the waiting time that retries and delayed outcomes
count in.

A clock factor of 60 lets an hour between two webhook retries pass in a minute, while stamps stay true, so that a
receiver's check of a signature's age still holds. Advancing the clock moves both.
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
        self._real_base = time.time()
        self._wait_base = self._real_base

    def stamp(self) -> int:
        return int(time.time() + self.offset)

    def waited(self) -> float:
        return self._wait_base + self.factor * (time.time() - self._real_base)

    def real_seconds_until(self, waited: float) -> float:
        """Real seconds from now until the waiting time `waited` is reached; never negative."""
        return max(0.0, (waited - self.waited()) / self.factor)

    def set_factor(self, factor: float) -> None:
        self._wait_base, self._real_base = self.waited(), time.time()
        self.factor = factor

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
        }

    def restore(self, saved: dict[str, Any], factor: float) -> None:
        """Go on from a saved state after a restart, with the factor that this start was given."""
        self.offset = float(saved["offset"])
        self._real_base, self._wait_base = float(saved["real_base"]), float(saved["wait_base"])
        self.factor = float(saved["factor"])
        self.set_factor(factor)
