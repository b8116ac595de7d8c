"""Who waits for what, in memory of one process. Nothing is queued: a subscriber is told that something changed.

What is sent is always the present state, read after the notice, so notices of a moment melt into one and a slow
client costs no memory.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from codepop.core.log import get_logger

log = get_logger(__name__)

LoadOrder = Callable[[UUID], Awaitable["Snapshot"]]
RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Snapshot:
    """An order as it was read: its version and its JSON text."""

    version: int
    text: str


class Notices:
    """Wakes one subscriber; `words` collects what the notices since the last look said."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._words: dict[str, None] = {}

    def set(self, word: str = "") -> None:
        """Wake the subscriber."""
        self._words[word] = None
        self._event.set()

    async def wait(self, seconds: float) -> list[str]:
        """Wait for a notice, at most so long; returns the words of all since the last time, none when it was quiet."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()
        words, self._words = list(self._words), {}
        return words


@dataclass
class OrderTopic:
    """One order that somebody watches: read once per change, however many watch it."""

    order_id: UUID
    known: Snapshot
    watchers: set[Notices] = field(default_factory=set)
    stale: bool = False
    reading: asyncio.Task[None] | None = None


class Hub:
    """The subscribers of one process."""

    def __init__(self, load_order: LoadOrder) -> None:
        self._load_order = load_order
        self._orders: dict[UUID, OrderTopic] = {}
        self._stores: dict[UUID, set[Notices]] = {}
        self._devices: dict[UUID, set[Notices]] = {}

    @property
    def clients(self) -> int:
        """Return how many streams there are."""
        topics = [topic.watchers for topic in self._orders.values()]
        return sum(map(len, [*topics, *self._stores.values(), *self._devices.values()]))

    async def watch_order(self, order_id: UUID) -> tuple[OrderTopic, Notices]:
        """Subscribe to an order; its `known` state is read after subscribing, so no change falls in between."""
        topic = self._orders.get(order_id)
        if topic is None:
            topic = self._orders[order_id] = OrderTopic(order_id, Snapshot(0, ""))
        notices = Notices()
        topic.watchers.add(notices)
        self._read(topic)
        return topic, notices

    def leave_order(self, topic: OrderTopic, notices: Notices) -> None:
        """End a subscription."""
        topic.watchers.discard(notices)
        if not topic.watchers and self._orders.get(topic.order_id) is topic:
            del self._orders[topic.order_id]

    def watch_store(self, store_id: UUID) -> Notices:
        """Subscribe to a store's screens."""
        return _join(self._stores, store_id)

    def leave_store(self, store_id: UUID, notices: Notices) -> None:
        """End a subscription."""
        _leave(self._stores, store_id, notices)

    def watch_devices(self, store_id: UUID) -> Notices:
        """Subscribe to the work of a store's machines."""
        return _join(self._devices, store_id)

    def leave_devices(self, store_id: UUID, notices: Notices) -> None:
        """End a subscription."""
        _leave(self._devices, store_id, notices)

    def hear(self, channel: str, payload: str) -> None:
        """Take a notice of PostgreSQL's; one that can't be read is logged and otherwise ignored."""
        try:
            if channel == "codepop_work":
                store, _, whom = payload.partition(" ")
                self._wake(self._devices, UUID(store), whom)
            else:
                self._hear_change(json.loads(payload))
        except (ValueError, KeyError, TypeError) as error:
            log.error("notice_unreadable", channel=channel, reason=str(error))

    def _hear_change(self, notice: dict[str, str]) -> None:
        self._wake(self._stores, UUID(notice["store"]))
        if "order" in notice and (topic := self._orders.get(UUID(notice["order"]))):
            self._read(topic)

    def refresh_all(self) -> None:
        """Have everybody read again: while the connection was away, notices were lost."""
        for topic in list(self._orders.values()):
            self._read(topic)
        for subscribers in (self._stores, self._devices):
            for store_id in list(subscribers):
                self._wake(subscribers, store_id)

    def _wake(self, subscribers: dict[UUID, set[Notices]], store_id: UUID, word: str = "") -> None:
        for notices in subscribers.get(store_id, ()):
            notices.set(word)

    def _read(self, topic: OrderTopic) -> None:
        topic.stale = True
        if topic.reading is None or topic.reading.done():
            topic.reading = asyncio.create_task(self._read_until_fresh(topic))

    async def _read_until_fresh(self, topic: OrderTopic) -> None:
        """Read, and again when a notice came meanwhile; a database that is away is asked until it is back."""
        while topic.stale and topic.watchers:
            topic.stale = False
            try:
                read = await self._load_order(topic.order_id)
            except Exception as error:  # whatever it is, the stream must live on and try again
                log.warning("order_not_read", order_id=str(topic.order_id), reason=type(error).__name__)
                topic.stale = True
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if read.version >= topic.known.version:
                topic.known = read
            for notices in topic.watchers:
                notices.set()


def store_version() -> int:
    """Return a number that grows with time, also over restarts: the version of what a store's screens show."""
    return time.time_ns() // 1_000_000


def _join(subscribers: dict[UUID, set[Notices]], key: UUID) -> Notices:
    notices = Notices()
    subscribers.setdefault(key, set()).add(notices)
    return notices


def _leave(subscribers: dict[UUID, set[Notices]], key: UUID, notices: Notices) -> None:
    subscribers[key].discard(notices)
    if not subscribers[key]:
        del subscribers[key]
