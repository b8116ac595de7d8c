"""A store's cooler doors and their controller: commands, keypad, and codes checked without the platform."""

import asyncio
import base64
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from simulator.codes import opens
from simulator.pace import Backoff, Pace, end_tasks
from simulator.platform import Outbox, Platform, PlatformAway, Refused
from simulator.roster import StoreRoster

FaceState = Literal["free", "held", "loaded", "open", "emptying"]
OPEN_SECONDS = 12.0
EMPTY_SECONDS = 6.0
WRONG_CODES = 5
LOCK_SECONDS = 15 * 60.0
OFFLINE_PICKUP_SECONDS = 30 * 60.0
REMEMBERED_COMMANDS = 500


@dataclass
class Door:
    """A door and what the controller knows of the order behind it."""

    number: int
    state: FaceState = "free"
    ticket_id: str | None = None
    order_id: str | None = None
    nonce: int | None = None
    expires_at: float | None = None
    drinks: tuple[str, ...] = ()
    moves: int = 0
    """Counts what happened here, so that an answer of the platform that is older than that is not believed."""


@dataclass(frozen=True)
class KeypadAnswer:
    """What the keypad shows. `door` is the door that opened."""

    door: int | None
    code: str
    message: str


class DoorController:
    """One store's doors. Its reports wait in an outbox: what happens while the platform is away is told later."""

    def __init__(self, roster: StoreRoster, platform: Platform, pace: Pace, changed: Callable[[], None]) -> None:
        self._roster = roster
        self._platform = platform
        self._pace = pace
        self._changed = changed
        self._outbox = Outbox(platform, roster.controller)
        self._key: bytes | None = None
        self._wrong: list[float] = []
        self._done: deque[str] = deque(maxlen=REMEMBERED_COMMANDS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: asyncio.Task[None] | None = None
        self.doors = {number: Door(number) for number in range(1, roster.doors + 1)}
        self.online = False

    async def refresh(self) -> None:
        """Learn the key and the doors from the platform. Raises PlatformAway, Refused."""
        await self._outbox.flush()
        before = {door.number: door.moves for door in self.doors.values()}
        told = await self._platform.get(self._roster.controller, "/store")
        self._key = base64.b64decode(told["pickup_key"])
        for row in told["doors"]:
            door = self.doors.setdefault(row["number"], Door(row["number"]))
            if door.moves == before.get(door.number, 0) and door.state not in ("open", "emptying"):
                self._learn(door, row)
            elif door.ticket_id and door.ticket_id == row["ticket_id"]:
                self._learn_order(door, row)
        self.online = True
        self._changed()
        self.send()

    def _learn(self, door: Door, row: dict[str, Any]) -> None:
        if row["ticket_id"] != door.ticket_id:
            door.drinks = ()
        if row["state"] == "opened":  # the report of its closing was lost with an earlier life of this process
            self._outbox.report("door_closed", ticket_id=row["ticket_id"], door_number=door.number)
            row = {**row, "state": "free", "ticket_id": None, "order_id": None, "nonce": None, "expires_at": None}
        door.ticket_id = row["ticket_id"]
        self._learn_order(door, row)
        loaded_here = door.state == "loaded" and row["state"] == "held"
        if not loaded_here:
            door.state = "loaded" if row["state"] == "emptying" else row["state"]

    def _learn_order(self, door: Door, row: dict[str, Any]) -> None:
        door.order_id, door.nonce = row["order_id"], row["nonce"]
        door.expires_at = datetime.fromisoformat(row["expires_at"]).timestamp() if row["expires_at"] else None

    def load(self, number: int, *, ticket_id: str, drinks: tuple[str, ...]) -> None:
        """A robot of the store has put an order behind a door."""
        door = self.doors[number]
        door.moves += 1
        door.state, door.ticket_id, door.drinks = "loaded", ticket_id, drinks
        door.expires_at = door.expires_at or time.time() + OFFLINE_PICKUP_SECONDS
        self._changed()

    def hold(self, number: int, *, ticket_id: str) -> None:
        """A robot of the store makes an order that will go behind a door."""
        door = self.doors[number]
        if door.state == "free":
            door.moves += 1
            door.state, door.ticket_id = "held", ticket_id
            self._changed()

    def unhold(self, number: int) -> None:
        """The order that was to go behind a door will not come."""
        door = self.doors[number]
        if door.state == "held":
            self._clear(door)

    async def poll_commands(self) -> None:
        """Fetch and do what the platform asks for. Raises PlatformAway, Refused."""
        told = await self._platform.get(self._roster.controller, "/commands")
        self.online = True
        for command in told["commands"]:
            if command["id"] not in self._done:
                self._done.append(command["id"])
                self._obey(command)

    def _obey(self, command: dict[str, Any]) -> None:
        door = self.doors.get(command["door_number"])
        if door is None:
            return
        door.ticket_id = command["ticket_id"]
        if command["type"] == "open_door":
            self._open(door, how="command", command_id=command["id"])
        else:
            self._run(self._empty(door, command["id"]))

    def _open(self, door: Door, *, how: str, command_id: str | None = None) -> None:
        ticket_id = door.ticket_id
        door.moves += 1
        door.state = "open"
        extra = {"command_id": command_id} if command_id else {}
        self._outbox.report("door_opened", ticket_id=ticket_id, door_number=door.number, how=how, **extra)
        self._changed()
        self.send()
        self._run(self._close_later(door, ticket_id))

    async def _close_later(self, door: Door, ticket_id: str | None) -> None:
        await self._pace.sleep(OPEN_SECONDS)
        self._outbox.report("door_closed", ticket_id=ticket_id, door_number=door.number)
        self._clear(door)
        self.send()

    async def _empty(self, door: Door, command_id: str) -> None:
        ticket_id = door.ticket_id
        door.moves += 1
        door.state = "emptying"
        self._changed()
        await self._pace.sleep(EMPTY_SECONDS)
        self._outbox.report("door_emptied", ticket_id=ticket_id, door_number=door.number, command_id=command_id)
        self._clear(door)
        self.send()

    def _clear(self, door: Door) -> None:
        door.moves += 1
        door.state, door.ticket_id, door.order_id, door.nonce = "free", None, None, None
        door.expires_at, door.drinks = None, ()
        self._changed()

    async def keypad(self, text: str) -> KeypadAnswer:
        """Try a code that somebody typed or showed: the platform decides, or the controller itself when it is away."""
        try:
            told = await self._platform.post(self._roster.controller, "/open", {"code": text})
        except Refused as refusal:
            return KeypadAnswer(None, refusal.code, refusal.message)
        except PlatformAway:
            self.online = False
            return self._keypad_offline(text)
        door = self.doors[told["door_number"]]
        if door.state != "open":
            door.ticket_id = told["ticket_id"]
            self._open(door, how="keypad")
        return _opened(door)

    def _keypad_offline(self, text: str) -> KeypadAnswer:
        self._wrong = [at for at in self._wrong if at > time.time() - LOCK_SECONDS]
        if len(self._wrong) >= WRONG_CODES:
            return KeypadAnswer(None, "code_locked", "Too many wrong codes. Try again in 15 minutes.")
        for door in self.doors.values():
            if self._is_code_of(door, text):
                self._open(door, how="offline")
                return _opened(door)
        self._wrong.append(time.time())
        self._outbox.report("code_refused")
        return KeypadAnswer(
            None, "wrong_code", "This code opens no door here. Check the six characters on your screen."
        )

    def _is_code_of(self, door: Door, text: str) -> bool:
        if self._key is None or door.state != "loaded" or door.order_id is None or door.nonce is None:
            return False
        if door.expires_at is not None and door.expires_at <= time.time():
            return False
        return opens(text, key=self._key, order_id=door.order_id, nonce=door.nonce, unix_now=time.time())

    def send(self) -> None:
        """Send the reports that wait, now or as soon as the platform is back."""
        if self._sending is None or self._sending.done():
            self._sending = self._run(self._send_all())

    async def _send_all(self) -> None:
        backoff = Backoff()
        while self._outbox.waiting:
            try:
                await self._outbox.flush()
                self.online = True
            except PlatformAway:
                self.online = False
                await backoff.wait()
            except Refused as refusal:
                print(f"{self._roster.slug}: door controller refused: {refusal.message}", flush=True)
                await backoff.wait()

    def _run(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """End what still moves."""
        await end_tasks(self._tasks)


def _opened(door: Door) -> KeypadAnswer:
    return KeypadAnswer(door.number, "opened", f"Door {door.number} is open. Enjoy!")
