"""One simulated robot: claims an order, walks its steps, reports, and breaks when it is told to."""

import random
import time
from collections.abc import Callable
from typing import Any, Literal

from simulator.doors import DoorController
from simulator.faults import FaultKind, Faults, robot_random
from simulator.pace import Backoff, Pace
from simulator.platform import Claim, Outbox, Platform, PlatformAway, Refused
from simulator.roster import DeviceKey, StoreRoster

RINSE_SECONDS = 8.0
REPAIR_SECONDS = 40.0
REPORT_EVERY = 0.8
"""Real seconds between two messages while a drink is made: what a screen can show, and no more."""
SILENCE_AFTER_LEASE = 25.0
SLOWNESS = 5.0

RobotState = Literal["idle", "rinsing", "making", "broken", "silent"]


class TicketLost(Exception):
    """The platform gave this robot's order to another one."""


class Machine:
    """A robot of one store. It makes one order at a time."""

    def __init__(
        self, roster: StoreRoster, device: DeviceKey, platform: Platform, doors: DoorController, pace: Pace, seed: int
    ) -> None:
        self._roster = roster
        self._device = device
        self._platform = platform
        self._doors = doors
        self._pace = pace
        self._chance: random.Random = robot_random(seed, device.id)
        self._outbox = Outbox(platform, device)
        self._sent_at = 0.0
        self.name = device.name
        self.state: RobotState = "idle"
        self.order_code = ""
        self.doing = ""
        self.share = 0.0
        self.made = 0

    async def claim(self) -> Claim:
        """Ask for work, after telling what is still untold. Raises PlatformAway, Refused."""
        await self._outbox.flush()
        return await self._platform.claim(self._device)

    async def make(self, work: dict[str, Any], faults: Faults, changed: Callable[[], None]) -> None:
        """Make one order to its end, whatever its end is; afterwards the robot is idle again."""
        fault = faults.take(store=self._roster.slug, robot=self.name)
        self._doors.hold(work["door_number"], ticket_id=work["ticket_id"])
        self.order_code, self.state, self.share = work["order_code"], "making", 0.0
        self._sent_at = time.monotonic()
        try:
            await self._make(work, fault, changed)
        except TicketLost:
            self._doors.unhold(work["door_number"])
        finally:
            self.state, self.order_code, self.doing, self.share = "idle", "", "", 0.0
            changed()

    async def _make(self, work: dict[str, Any], fault: FaultKind | None, changed: Callable[[], None]) -> None:
        if work["rinse_before"]:
            self.state, self.doing = "rinsing", "Rinsing the nozzles"
            changed()
            await self._pace.sleep(RINSE_SECONDS)
            self.state = "making"
        steps = [(drink["index"], i, step) for drink in work["drinks"] for i, step in enumerate(drink["steps"])]
        breaks_at = self._chance.randrange(1, max(2, len(steps)))
        total = sum(step["seconds"] for _, _, step in steps) or 1.0
        for at, (drink_index, step_index, step) in enumerate(steps):
            if at == breaks_at and fault == "jam":
                await self._jam(work, changed)
                return
            if at == breaks_at and fault == "silent":
                await self._fall_silent(work, changed)
            kind = "started" if step_index == 0 else "step"
            self._outbox.report(kind, ticket_id=work["ticket_id"], drink_index=drink_index, step_index=step_index)
            self.doing = _spoken(step)
            changed()
            await self._tell(work)
            slow = SLOWNESS if fault == "slow" else 1.0
            await self._pace.sleep(step["seconds"] * slow * self._chance.uniform(0.9, 1.1))
            self.share += step["seconds"] / total
            if step_index + 1 == len(work["drinks"][drink_index]["steps"]):
                self._outbox.report("drink_done", ticket_id=work["ticket_id"], drink_index=drink_index)
        await self._load(work)

    async def _load(self, work: dict[str, Any]) -> None:
        names = tuple(drink["name"] for drink in work["drinks"])
        self._doors.load(work["door_number"], ticket_id=work["ticket_id"], drinks=names)
        self._outbox.report("loaded", ticket_id=work["ticket_id"], door_number=work["door_number"])
        self.made += 1
        await self._tell_surely(work)

    async def _jam(self, work: dict[str, Any], changed: Callable[[], None]) -> None:
        self.state, self.doing = "broken", "Jammed, rinsing itself clear"
        self._outbox.report("failed", ticket_id=work["ticket_id"], reason="jam")
        self._doors.unhold(work["door_number"])
        changed()
        await self._tell_surely(None)
        await self._pace.sleep(REPAIR_SECONDS)
        await self._report_well()

    async def _fall_silent(self, work: dict[str, Any], changed: Callable[[], None]) -> None:
        self.state, self.doing = "silent", "Not answering"
        changed()
        await self._pace.sleep_real(work["lease_seconds"] + SILENCE_AFTER_LEASE)
        self.state, self.doing = "making", "Back again"
        changed()
        try:
            await self._tell_surely(work)
        except TicketLost:
            await self._report_well()
            raise

    async def _report_well(self) -> None:
        self._outbox.report("status", status="normal")
        await self._tell_surely(None)

    async def _tell(self, work: dict[str, Any]) -> None:
        """Send what waits if it is time; an absent platform doesn't stop the machine."""
        if time.monotonic() < self._sent_at + REPORT_EVERY:
            return
        self._sent_at = time.monotonic()
        try:
            self._check(work, await self._outbox.flush())
        except PlatformAway:
            return

    async def _tell_surely(self, work: dict[str, Any] | None) -> None:
        """Send what waits, however long the platform stays away."""
        backoff = Backoff()
        while True:
            try:
                self._check(work, await self._outbox.flush())
                return
            except PlatformAway:
                await backoff.wait()
            except Refused as refusal:
                print(f"{self._roster.slug} {self.name}: refused: {refusal.message}", flush=True)
                await backoff.wait()

    def _check(self, work: dict[str, Any] | None, lost: list[str]) -> None:
        if work is not None and work["ticket_id"] in lost:
            raise TicketLost


def _spoken(step: dict[str, Any]) -> str:
    fixed = {
        "rinse": "Rinsing the nozzles",
        "cup": "Taking a cup",
        "ice": "Adding ice",
        "lid": "Putting the lid on",
        "label": "Writing the label",
    }
    verb = "Pouring" if step["kind"] == "pour" else "Adding"
    return fixed.get(step["kind"]) or f"{verb} {step['ingredient']}"
