"""One simulated store: a live stream wakes it, its robots take work in turn, its doors do as they are told."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from simulator.doors import DoorController
from simulator.faults import Faults
from simulator.machine import Machine
from simulator.pace import Backoff, Pace, end_tasks
from simulator.platform import Platform, PlatformAway, Refused
from simulator.roster import StoreRoster

ROBOTS, DOORS = "robots", "doors"
NOT_WORKING = "not_working"
REFUSED_SECONDS = 10.0
DEAF_POLL_SECONDS = 5.0
QUIET_POLL_SECONDS = 120.0
"""How often a store asks although nothing woke it: a net under a lost notice."""
STREAM_TIMEOUT = httpx.Timeout(10.0, read=40.0)
"""The stream sends a sign of life every 15 s; 40 s without one is a dead connection."""


class Store:
    """The machines of one store."""

    def __init__(
        self, roster: StoreRoster, *, platform: Platform, live: httpx.AsyncClient, pace: Pace, faults: Faults, seed: int
    ) -> None:
        self.roster = roster
        self._platform = platform
        self._live = live
        self._faults = faults
        self._robots_woken, self._doors_woken = asyncio.Event(), asyncio.Event()
        self._doors_changed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchers: set[asyncio.Event] = set()
        self.connected = False
        self.doors = DoorController(roster, platform, pace, self.changed)
        self.machines = [Machine(roster, device, platform, self.doors, pace, seed) for device in roster.robots]
        self._busy: set[Machine] = set()

    def changed(self) -> None:
        """Let the pages that watch this store know that something moved."""
        for watcher in self._watchers:
            watcher.set()

    def watch(self) -> tuple[asyncio.Event, Callable[[], None]]:
        """Return an event that is set at each change, and a function that ends the watching."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        return watcher, lambda: self._watchers.discard(watcher)

    def wake(self, what: str = "") -> None:
        """Have the robots ask for work, the door controller for commands, or both when `what` says neither."""
        if what != DOORS:
            self._robots_woken.set()
        if what != ROBOTS:
            self._doors_woken.set()

    async def run(self, *, delay: float) -> None:
        """Work until cancelled; `delay` keeps sixty stores from starting in the same moment."""
        await asyncio.sleep(delay)
        # Robots and doors each on their own: work that is ready to be claimed must not wait for the doors' calls.
        loops = [
            asyncio.create_task(one)
            for one in (
                self._listen(),
                self._follow_wakes(self._robots_woken, self._claim_all),
                self._follow_wakes(self._doors_woken, self._tend_doors),
            )
        ]
        try:
            await asyncio.gather(*loops)
        finally:
            await end_tasks([*loops, *self._tasks])
            await self.doors.stop()

    async def _listen(self) -> None:
        """Follow the store's stream, again and again; each connection begins with asking for everything."""
        backoff = Backoff()
        while True:
            try:
                await self._follow(backoff)
            except (httpx.TransportError, PlatformAway):
                pass
            self.connected = False
            self.changed()
            await backoff.wait()

    async def _follow(self, backoff: Backoff) -> None:
        headers = {**self.roster.controller.header, "Accept": "text/event-stream"}
        async with self._live.stream("GET", "/live/v1/devices", headers=headers) as stream:
            if stream.status_code != 200:
                raise PlatformAway(f"status {stream.status_code}")
            self.connected = True
            backoff.reset()
            self.wake()
            self.changed()
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    self.wake(_whom(line))

    async def _follow_wakes(self, woken: asyncio.Event, answer: Callable[[], Awaitable[None]]) -> None:
        """Answer each wake. One that comes while an earlier one is being answered is answered right after it."""
        backoff = Backoff()
        while True:
            woken.clear()
            try:
                await answer()
                backoff.reset()
            except PlatformAway:
                self.doors.online = False
                self.wake()
                self.changed()
                await backoff.wait()
                continue
            except Refused as refusal:
                print(f"{self.roster.slug}: refused: {refusal.message}", flush=True)
                await asyncio.sleep(REFUSED_SECONDS)
                continue
            await self._next_wake(woken)

    async def _next_wake(self, woken: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), QUIET_POLL_SECONDS if self.connected else DEAF_POLL_SECONDS)

    async def _tend_doors(self) -> None:
        """Learn the doors anew where that is due, and do what the platform asks for. Raises PlatformAway, Refused."""
        if self._doors_changed or not self.doors.online:
            self._doors_changed = False
            await self.doors.refresh()
        await self.doors.poll_commands()
        self.doors.send()

    async def _claim_all(self) -> None:
        """Let idle robots ask in turn until one hears that there is nothing: a wake for nothing costs one request."""
        for machine in self.machines:
            if machine in self._busy:
                continue
            claim = await machine.claim()
            if claim.work is not None:
                self._begin(machine, claim.work)
            elif claim.reason != NOT_WORKING:
                break

    def _begin(self, machine: Machine, work: dict[str, Any]) -> None:
        self._busy.add(machine)
        self._doors_changed = True  # the door that the platform holds for it now has a code
        self.wake(DOORS)
        task = asyncio.create_task(self._make(machine, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make(self, machine: Machine, work: dict[str, Any]) -> None:
        try:
            await machine.make(work, self._faults, self.changed)
        finally:
            self._busy.discard(machine)
            self.wake(ROBOTS)


def _whom(line: str) -> str:
    """Return whom an event's data line wakes, "" for everybody."""
    try:
        return str(json.loads(line.removeprefix("data:")).get("for", ""))
    except (ValueError, AttributeError):
        return ""
