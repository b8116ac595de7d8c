"""Delivering events to webhook endpoints: signed, at least once, retried on Stripe's schedule, with the faults that
happen on the way.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from sandbox.faults import WEBHOOK_KINDS, Fault
from sandbox.store import Json
from sandbox.stripe.account import Account, random_text
from sandbox.stripe.messages import LASTING, message, notes_of
from sandbox.stripe.post import Poster, PostError
from sandbox.stripe.subjects import marks_of_object

# Waiting seconds before each further try. Stripe: in test mode "three times over the course of a few hours", live "up
# to three days with an exponential back off" (docs.stripe.com/webhooks, as of 2026).
SCHEDULES = {
    "test": (300, 3600, 7200),
    "live": (300, 1800, 7200, 18000, 36000, 36000, 36000, 36000, 43200, 43200),
}
TIMEOUT_SECONDS = 10.0
PARALLEL = 16
FLUSH_SECONDS = 0.05
KEPT_ATTEMPTS = 20
AUTOMATIC, MANUAL = "automatic", "manual"
MAX_TIMES = 10


class Dispatcher:
    """Sends deliveries: one record per event and endpoint, which says what happened and when the next try is due.

    In manual mode nothing goes out by itself: deliveries are held until a driver names them, in the order it names.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._held: list[str] = []
        self._early: list[str] = []
        self.mode: str = account.store.read_meta("delivery_mode") or AUTOMATIC
        self._poster = Poster(TIMEOUT_SECONDS)
        self._flush: asyncio.TimerHandle | None = None
        self._workers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin delivering; what an earlier process left unfinished is taken up again."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(PARALLEL)]
        for delivery in self.account.store.all("delivery").values():
            if delivery["status"] == "pending" and delivery["due"] is None:
                self._ready.put_nowait(delivery["id"])

    async def stop(self) -> None:
        if self._flush:
            self._flush.cancel()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._poster.close()

    def announce(self, event: Json, endpoints: list[Json]) -> None:
        """Make a delivery for each endpoint and let the workers have it, unless a fault keeps it."""
        for endpoint in endpoints:
            delivery = {
                "id": f"dlv_{random_text(16)}",
                "event": event["id"],
                "type": event["type"],
                "endpoint": endpoint["id"],
                "status": "pending",
                "created": time.time(),
                "due": None,
                "tries": 0,
                "attempts": [],
                "faults": [],
            }
            self.account.put("delivery", delivery)
            struck = self.account.faults.hit(
                "stripe", WEBHOOK_KINDS, event["type"], lambda: marks_of_object(self.account, event["data"]["object"])
            )
            self._release(delivery, struck)

    def _release(self, delivery: Json, struck: list[Fault]) -> None:
        by_kind = {fault.kind: fault for fault in struck}
        delivery["faults"], delivery["_options"] = list(by_kind), notes_of(struck)
        if "webhook_lost" in by_kind:
            delivery["status"] = "lost"
        elif self.mode == MANUAL:
            delivery["status"] = "held"
        elif "webhook_late" in by_kind:
            self._send_after(delivery, self._waiting(by_kind["webhook_late"]))
        elif "webhook_reorder" in by_kind:
            self._held.append(delivery["id"])
            self._send_after(delivery, self._waiting(by_kind["webhook_reorder"]))
        elif "webhook_early" in by_kind:
            self._early.append(delivery["id"])
        else:
            self._ready.put_nowait(delivery["id"])

    async def send_early(self) -> None:
        """Deliver what a fault wants delivered before the causing request is answered."""
        while self._early:
            delivery = self.account.store.get("delivery", self._early.pop(0))
            if delivery is not None:
                await self._deliver(delivery)

    def set_mode(self, mode: str) -> None:
        """Automatic, or manual; what was held goes out when it turns automatic."""
        self.mode = mode
        self.account.store.write_meta("delivery_mode", mode)
        if mode == AUTOMATIC:
            for delivery in self.account.store.all("delivery").values():
                if delivery["status"] == "held":
                    delivery["status"] = "pending"
                    self.send_now(delivery)

    async def deliver_now(self, deliveries: Iterable[Json], faults: Json, times: int) -> list[Json]:
        """Deliver these one after the other, each `times` times, with these faults; the answers in that order."""
        told = []
        for delivery in deliveries:
            for _ in range(times):
                delivery["faults"], delivery["_options"], delivery["due"] = list(faults), faults, None
                await self._deliver(delivery)
                told.append({"id": delivery["id"], "type": delivery["type"], **_last(delivery)})
        return told

    def prepare(self, delivery: Json, faults: Json) -> tuple[str, bytes, dict[str, str]] | None:
        """Address, body and headers of a delivery for a driver that carries it itself; None when it can't go."""
        event = self.account.store.get("event", delivery["event"])
        endpoint = self.account.store.get("webhook_endpoint", delivery["endpoint"])
        if event is None or endpoint is None:
            return None
        return endpoint["url"], *message(self.account, event, endpoint, faults)

    def settle(self, delivery: Json, status: int | None) -> None:
        """Write down what a receiver answered to a message that a driver carried itself."""
        event = self.account.store.get("event", delivery["event"])
        attempt = {"at": time.time(), "status": status, "error": None, "faults": delivery["faults"], "ms": 0.0}
        delivery["attempts"] = [*delivery["attempts"], attempt][-KEPT_ATTEMPTS:]
        if event is not None:
            self._record_outcome(delivery, event, status is not None and 200 <= status < 300)

    def _waiting(self, fault: Fault) -> float:
        """A fault's delay is in real time; waiting seconds pass `factor` times faster."""
        if "wait_seconds" in fault.options:
            return float(fault.options["wait_seconds"])
        return fault.delay_seconds * self.account.clock.factor

    def _send_after(self, delivery: Json, waiting_seconds: float) -> None:
        delivery["due"] = self.account.clock.waited() + waiting_seconds
        self.account.put("delivery", delivery)
        self.account.later("deliver", delivery["id"], waiting_seconds)

    def send_due(self, delivery: Json) -> None:
        """The wait of a delivery is over. Does nothing when it was sent meanwhile."""
        if delivery["due"] is not None and delivery["due"] <= self.account.clock.waited() + 0.001:
            self.send_now(delivery)

    def send_now(self, delivery: Json) -> None:
        """Queue a delivery at once, whatever its state."""
        delivery["due"] = None
        self.account.put("delivery", delivery)
        self._ready.put_nowait(delivery["id"])

    async def _work(self) -> None:
        while True:
            delivery = self.account.store.get("delivery", await self._ready.get())
            if delivery is not None:
                await self._deliver(delivery)

    async def _deliver(self, delivery: Json) -> None:
        event = self.account.store.get("event", delivery["event"])
        endpoint = self.account.store.get("webhook_endpoint", delivery["endpoint"])
        if event is None or endpoint is None or endpoint.get("deleted") or endpoint["status"] != "enabled":
            delivery["status"] = "stopped"
            self.account.put("delivery", delivery)
            return
        faults: Json = delivery.get("_options") or {}
        ok = await self._attempt(delivery, event, endpoint, faults)
        if "webhook_double" in faults and len(delivery["attempts"]) == 1:
            for _ in range(min(MAX_TIMES, int(faults["webhook_double"].get("times", 2))) - 1):
                await self._attempt(delivery, event, endpoint, faults)
        delivery["faults"] = [kind for kind in faults if kind in LASTING]
        delivery["_options"] = {kind: faults[kind] for kind in delivery["faults"]}
        self._record_outcome(delivery, event, ok)
        while self._held:
            held = self.account.store.get("delivery", self._held.pop())
            if held is not None and held["id"] != delivery["id"] and held["due"] is not None:
                self.send_now(held)

    def _record_outcome(self, delivery: Json, event: Json, ok: bool) -> None:
        delivery["tries"] += 1
        schedule = SCHEDULES[self.account.config.webhook_retries]
        if ok:
            if delivery["status"] != "delivered":
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
                self.account.put("event", event)
            delivery["status"] = "delivered"
        elif delivery["status"] == "delivered":
            pass
        elif self.mode == MANUAL:
            delivery["status"] = "held"
        elif delivery["tries"] <= len(schedule):
            self._send_after(delivery, schedule[delivery["tries"] - 1])
        else:
            delivery["status"] = "failed"
        self.account.put("delivery", delivery)
        self._flush_soon()

    def _flush_soon(self) -> None:
        """Write outcomes down with at most one transaction per FLUSH_SECONDS, however many deliveries there are."""
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._write)

    def _write(self) -> None:
        self._flush = None
        self.account.store.flush()

    async def _attempt(self, delivery: Json, event: Json, endpoint: Json, faults: Json) -> bool:
        body, headers = message(self.account, event, endpoint, faults)
        started = time.perf_counter()
        attempt: dict[str, Any] = {"at": time.time(), "status": None, "error": None, "faults": list(faults)}
        try:
            attempt["status"] = await self._poster.post(endpoint["url"], body, headers)
        except PostError as problem:
            attempt["error"] = str(problem)
        attempt["ms"] = round((time.perf_counter() - started) * 1000, 1)
        delivery["attempts"] = [*delivery["attempts"], attempt][-KEPT_ATTEMPTS:]
        return attempt["status"] is not None and 200 <= attempt["status"] < 300


def _last(delivery: Json) -> Json:
    """What the receiver said to the newest try; nothing when there was none."""
    attempts = delivery["attempts"]
    return {"status": attempts[-1]["status"], "error": attempts[-1]["error"]} if attempts else {}
