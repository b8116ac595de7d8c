"""Delivering events to webhook endpoints: signed, at least once, retried on Stripe's schedule, with the faults that
happen on the way.
"""

import asyncio
import hashlib
import hmac
import json
import random
import time
from typing import Any

from sandbox.faults import WEBHOOK_KINDS, Fault
from sandbox.store import Json
from sandbox.stripe.account import Account, public, random_text
from sandbox.stripe.post import Poster, PostError

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


def sign(payload: bytes, secret: str, timestamp: int) -> str:
    """The v1 signature of a payload."""
    return hmac.new(secret.encode(), b"%d." % timestamp + payload, hashlib.sha256).hexdigest()


class Dispatcher:
    """Sends deliveries: one record per event and endpoint, which says what happened and when the next try is due."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._held: list[str] = []
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
            self._release(delivery, self.account.faults.hit("stripe", WEBHOOK_KINDS, event["type"]))

    def _release(self, delivery: Json, struck: list[Fault]) -> None:
        delivery["faults"] = [fault.kind for fault in struck]
        by_kind = {fault.kind: fault for fault in struck}
        if "webhook_lost" in by_kind:
            delivery["status"] = "lost"
            return
        if "webhook_late" in by_kind:
            self._send_after(delivery, self._waiting(by_kind["webhook_late"]))
        elif "webhook_reorder" in by_kind:
            self._held.append(delivery["id"])
            self._send_after(delivery, self._waiting(by_kind["webhook_reorder"]))
        else:
            self._ready.put_nowait(delivery["id"])

    def _waiting(self, fault: Fault) -> float:
        """A fault's delay is in real time; waiting seconds pass `factor` times faster."""
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
        faults = delivery["faults"]
        ok = await self._attempt(delivery, event, endpoint, faults)
        if ok and "webhook_double" in faults and len(delivery["attempts"]) == 1:
            await self._attempt(delivery, event, endpoint, faults)
        # A wrong signature or body is the fault of one try, the next is right, as after a repaired intermediary.
        delivery["faults"] = [kind for kind in faults if kind in ("webhook_double",)]
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

    async def _attempt(self, delivery: Json, event: Json, endpoint: Json, faults: list[str]) -> bool:
        body, header = self._prepare(event, endpoint, faults)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": header,
            "User-Agent": "Stripe/1.0 (sandbox)",
        }
        started = time.perf_counter()
        attempt: dict[str, Any] = {"at": time.time(), "status": None, "error": None, "faults": faults}
        try:
            attempt["status"] = await self._poster.post(endpoint["url"], body, headers)
        except PostError as problem:
            attempt["error"] = str(problem)
        attempt["ms"] = round((time.perf_counter() - started) * 1000, 1)
        delivery["attempts"] = [*delivery["attempts"], attempt][-KEPT_ATTEMPTS:]
        return attempt["status"] is not None and 200 <= attempt["status"] < 300

    def _prepare(self, event: Json, endpoint: Json, faults: list[str]) -> tuple[bytes, str]:
        shown = public(event)
        if "webhook_wrong_amount" in faults and "amount" in shown["data"]["object"]:
            wrong = {**shown["data"]["object"], "amount": shown["data"]["object"]["amount"] + random.randint(1, 500)}
            shown["data"] = {**shown["data"], "object": wrong}
        if "webhook_wrong_account" in faults:
            stranger = {**shown["data"]["object"], "id": f"{event['_subject'].split('_')[0]}_3S{random_text(22)}"}
            shown["account"], shown["data"] = "acct_stranger", {**shown["data"], "object": stranger}
        body = json.dumps(shown).encode()
        if "webhook_invalid_utf8" in faults:
            body = body[:-1] + b',"\xff":1}'
        stamp = self.account.now() - (3600 if "webhook_old_timestamp" in faults else 0)
        secrets = live_secrets(endpoint, time.time())
        if "webhook_bad_signature" in faults:
            secrets = ["whsec_not_the_receivers"]
        signatures = "".join(f",v1={sign(body, secret, stamp)}" for secret in secrets)
        return body, f"t={stamp}{signatures}"


def live_secrets(endpoint: Json, now: float) -> list[str]:
    """The secrets that sign now: the newest, and older ones until their roll ends."""
    return [entry["secret"] for entry in endpoint["_secrets"] if entry["until"] is None or entry["until"] > now]
