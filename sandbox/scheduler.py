"""What the sandbox has promised to do later, in waiting time: one timer for the soonest of all tasks, kept over a
restart.
"""

import asyncio
import heapq
from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.store import Json, Store

Handler = Callable[[str], object]


class Scheduler:
    """Runs each task's handler, by its kind, with its subject, when its time has come."""

    def __init__(self, store: Store, clock: Clock, handlers: dict[str, Handler]) -> None:
        self._store, self._clock, self.handlers = store, clock, handlers
        """By kind of task; another provider adds its own before `start`."""
        self._heap: list[tuple[float, str]] = []
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Take up the tasks that the store has."""
        self._heap = [(task["due"], task["id"]) for task in self._store.all("task").values()]
        heapq.heapify(self._heap)
        self.rearm()

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def add(self, task: Json) -> None:
        heapq.heappush(self._heap, (task["due"], task["id"]))
        if self._heap[0][1] == task["id"]:
            self.rearm()

    def rearm(self) -> None:
        """Set the timer anew; needed after the clock was changed."""
        self.stop()
        if self._heap:
            wait = self._clock.real_seconds_until(self._heap[0][0])
            self._timer = asyncio.get_running_loop().call_later(min(wait, 3600.0), self.run_due)

    def run_due(self) -> None:
        """Run what is due now, including what that makes due at once."""
        now = self._clock.waited()
        while self._heap and self._heap[0][0] <= now:
            task = self._store.get("task", heapq.heappop(self._heap)[1])
            if task is not None:
                self._store.remove("task", task["id"])
                self.handlers[task["kind"]](task["subject"])
        self._store.flush()
        self.rearm()
