"""What was asked for on the command line: one run, or one for each fault, all on one system; and the file of results.

While the drinks and unpaid orders of a fault's customers wait for their time to be over, the next fault's customers
come. Each run is judged by its own orders; in the end, when nobody is there, all books together.
The file is written every few seconds, and a signal ends a trial with a verdict on what was done.
"""

import asyncio
import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.customers.books import intents, violations
from simulator.customers.config import Config
from simulator.customers.database import Database
from simulator.customers.run import Outcome, Run, Wish, read_books

Json = dict[str, Any]
WRITE_EVERY = 10.0
WORST = ("failed", "stopped", "running", "passed")
"""A trial's word is the first of these that one of its runs has."""


@dataclass
class Trial:
    """Runs one after the other against one system. `tell` gets each run's fault and outcome when it is over."""

    config: Config
    wishes: list[Wish]
    path: Path | None
    tell: Callable[[str, Outcome], None]
    results: dict[str, Outcome] = field(default_factory=dict)
    together: list[str] | None = None
    """What did not add up over all runs, once it was looked at."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _begin: float = field(default_factory=time.monotonic)

    async def go(self) -> None:
        """Do all runs. Raises NoAnswer when there is nothing to run against."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.stopping.set)
        writing = asyncio.create_task(self._keep_writing())
        try:
            if len(self.wishes) == 1:
                await self._only()
            else:
                await self._each()
        finally:
            writing.cancel()
            self.write()

    async def _only(self) -> None:
        run = Run(self.config, self.wishes[0], self.stopping)
        name = self._begun(run, self.wishes[0])
        self.tell(name, await run.go())

    async def _each(self) -> None:
        ending: list[asyncio.Task[None]] = []
        gone = asyncio.Event()
        for wish in self.wishes:
            if self.stopping.is_set():
                break
            run = Run(self.config, wish, self.stopping)
            name = self._begun(run, wish)
            print(f"{wish.customers} customers with the fault {name}", flush=True)
            try:
                await run.visits()
            except BaseException:
                await run.close()
                raise
            ending.append(asyncio.create_task(self._finish(name, run, gone)))
        gone.set()
        await asyncio.gather(*ending)
        self.together = await self._check_together()

    def _begun(self, run: Run, wish: Wish) -> str:
        name = wish.fault or "none"
        self.results[name] = run.outcome
        return name

    async def _finish(self, name: str, run: Run, gone: asyncio.Event) -> None:
        try:
            outcome = await run.finish(gone)
        finally:
            await run.close()
        self.tell(name, outcome)

    async def _check_together(self) -> list[str]:
        """Hold all books against each other, now that nobody is there any more."""
        if self.config.database_url is None or self.verdict in ("failed", "stopped"):
            return []
        database = Database(self.config.database_url)
        await asyncio.to_thread(database.wait_until_quiet, self.wishes[0].settle_seconds)
        theirs = intents(await read_books(self.config))
        return violations(await asyncio.to_thread(database.read), theirs)

    @property
    def verdict(self) -> str:
        """Return the one word for all runs together."""
        words = {outcome.verdict for outcome in self.results.values()}
        if self.together:
            return "failed"
        if len(self.results) < len(self.wishes):
            words.add("stopped" if self.stopping.is_set() else "running")
        return next((word for word in WORST if word in words), "running")

    def to_json(self) -> Json:
        """Return the result for a file: of one run as it is, of many by their faults."""
        if len(self.wishes) == 1:
            return next((one.to_json() for one in self.results.values()), {"verdict": self.verdict})
        return {
            "verdict": self.verdict,
            "asked": len(self.wishes),
            "run": sum(one.over and not one.stopped for one in self.results.values()),
            "violations": sum(len(one.violations) for one in self.results.values()) + len(self.together or ()),
            "together": self.together,
            "seconds": round(time.monotonic() - self._begin, 1),
            "faults": {name: one.to_json() for name, one in self.results.items()},
        }

    def write(self) -> None:
        """Write the file, at once whole."""
        if self.path:
            new = self.path.with_name(f"{self.path.name}.new")
            new.write_text(json.dumps(self.to_json(), indent=2) + "\n")
            new.replace(self.path)

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY)
            self.write()
