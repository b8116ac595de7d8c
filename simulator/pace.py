"""Time in the simulated stores: faster than real for machines, real for waiting on the platform."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """How much faster than real the machines move."""

    speed: float

    async def sleep(self, seconds: float) -> None:
        """Let so much machine time pass."""
        await asyncio.sleep(seconds / self.speed)

    async def sleep_real(self, seconds: float) -> None:
        """Let so much real time pass, as for what the platform measures."""
        await asyncio.sleep(seconds)


class Backoff:
    """Waits that double up to a limit, with some chance in them so that stores don't come back all at once.

    The limit is below the time that the platform gives a silent store to deliver (10 s).
    """

    def __init__(self, first: float = 0.25, limit: float = 4.0) -> None:
        self._first = first
        self._limit = limit
        self._next = first

    async def wait(self) -> None:
        """Wait the next while."""
        await asyncio.sleep(self._next * random.uniform(0.7, 1.3))
        self._next = min(self._next * 2, self._limit)

    def reset(self) -> None:
        """Begin again with the shortest wait."""
        self._next = self._first


async def end_tasks(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: an HTTP client may turn a cancellation into a failed connection."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)
