"""Killing the processes of the platform while customers are there, and how long the books then take to agree.

A kill is SIGKILL to one of the processes that do the work, at a random moment of its life; nothing of ours can run
after it. Which processes there are stands in the files that the launcher keeps for such trials.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simulator.customers.books import Intent, OrderRow

WHAT = ("web", "worker")
BORN_SECONDS = 0.25
"""A process that is younger is still being born: killing it would only try out how it starts."""

AGREE_WITHIN = {True: 60.0, False: 300.0}
"""Seconds in which the books must agree after the last kill: with the provider's messages, and without any."""


@dataclass
class Kills:
    """Kills until `wanted` are done; `over` tells everybody else that the storm is past."""

    data: Path
    wanted: int
    seed: int
    pause_seconds: tuple[float, float] = (0.05, 0.45)
    done: Counter[str] = field(default_factory=Counter)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def go(self, stopping: asyncio.Event | None = None) -> None:
        """Kill web and worker processes in turn, at random moments, until it is done or somebody stops it."""
        chance = random.Random(self.seed)
        while self.done.total() < self.wanted and not (stopping and stopping.is_set()):
            await asyncio.sleep(chance.uniform(*self.pause_seconds))
            what = WHAT[self.done.total() % len(WHAT)]
            grown = [pid for pid, since in self._listed(what).items() if time.time() - since > BORN_SECONDS]
            if grown and self._kill(chance.choice(grown)):
                self.done[what] += 1
                if self.done.total() % 100 == 0:
                    print(f"  {self.done.total()} of {self.wanted} processes killed", flush=True)
        self.over.set()

    def _listed(self, what: str) -> dict[int, float]:
        try:
            content = json.loads((self.data / f"{what}-processes.json").read_text())
        except (OSError, ValueError):
            return {}
        return {int(pid): float(since) for pid, since in content.items()}

    @staticmethod
    def _kill(pid: int) -> bool:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


def disagreements(orders: dict[str, OrderRow], theirs: list[Intent]) -> int:
    """Count payments that the provider's books and ours see differently, and refunds that are not settled."""
    held: Counter[str] = Counter()
    for intent in theirs:
        held[intent.order_id] += intent.captured_cents - intent.refunded_cents
    differing = sum(held[key] != row.ledger_cents for key, row in orders.items())
    return differing + sum(row.refunds_open for row in orders.values())


async def seconds_to_agree(look: Callable[[], int], *, longest: float) -> float | None:
    """Return how long it takes until `look` finds nothing that differs; None when it takes too long."""
    begin = time.monotonic()
    while await asyncio.to_thread(look):
        if time.monotonic() - begin > longest:
            return None
        await asyncio.sleep(0.5)
    return round(time.monotonic() - begin, 1)
