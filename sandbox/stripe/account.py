"""The one Stripe account of the sandbox: its objects, its clock, its events and what it has promised to do later."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.record import Recorder
from sandbox.store import Json, Store
from sandbox.stripe import objects
from sandbox.stripe.errors import missing_object

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KIND_OF_PREFIX = {
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "cus": "customer",
    "pm": "payment_method",
    "seti": "setup_intent",
    "setatt": "setup_attempt",
    "evt": "event",
    "we": "webhook_endpoint",
    "txn": "balance_transaction",
    "du": "dispute",
    "po": "payout",
    "file": "file",
}
EXPANDABLE = {
    "payment_intent": ("customer", "latest_charge", "payment_method"),
    "charge": ("balance_transaction", "customer", "failure_balance_transaction", "payment_intent"),
    "refund": ("balance_transaction", "charge", "failure_balance_transaction", "payment_intent", "payment_method"),
    "setup_intent": ("customer", "latest_attempt", "payment_method"),
    "setup_attempt": ("customer", "payment_method", "setup_intent"),
    "payment_method": ("customer",),
    "balance_transaction": ("source",),
    "dispute": ("charge", "payment_intent"),
    "payout": ("balance_transaction", "failure_balance_transaction"),
    "customer": (),
}


class _Chance:
    """Where random texts come from: the system, or a seed when a run must repeat to the letter."""

    draw: Callable[[int], bytes] = staticmethod(os.urandom)


def seed_ids(seed: int | None) -> None:
    """Draw ids from a seed from now on; None: from the system again."""
    _Chance.draw = staticmethod(os.urandom if seed is None else random.Random(seed).randbytes)


def random_text(length: int) -> str:
    return "".join([ALPHABET[byte % 62] for byte in _Chance.draw(length)])


def public(item: Json) -> Json:
    """The object as others may see it: without the sandbox's own notes."""
    return {name: value for name, value in item.items() if name[0] != "_"}


@dataclass
class Account:
    """Shared by all operations. Everything here runs on one event loop, each operation without a pause: no locks are
    needed.
    """

    store: Store
    clock: Clock
    faults: Faults
    config: Config
    announce: Callable[[Json, list[Json]], None] = lambda event, endpoints: None
    schedule: Callable[[Json], None] = lambda task: None
    recorder: Recorder = field(default_factory=lambda: Recorder(None))
    request: Json = field(default_factory=lambda: {"id": None, "idempotency_key": None})

    def now(self) -> int:
        return self.clock.stamp()

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_3S{random_text(22)}"

    def get(self, kind: str, key: str, *, param: str, noun: str | None = None) -> Json:
        """The object, or Stripe's 404 naming `param`."""
        item = self.store.get(kind, key)
        if item is None or item.get("deleted"):
            raise missing_object(noun or kind, key, param)
        return item

    def put(self, kind: str, item: Json) -> Json:
        return self.store.put(kind, item)

    def emit(self, kind: str, item: Json, previous: Json | None = None) -> None:
        """Record an event with a snapshot of `item` and hand it to the endpoints that want it."""
        wanting = [
            endpoint
            for endpoint in self.store.all("webhook_endpoint").values()
            if endpoint["status"] == "enabled"
            and (kind in endpoint["enabled_events"] or "*" in endpoint["enabled_events"])
        ]
        event = objects.event(
            f"evt_3S{random_text(22)}",
            kind=kind,
            snapshot=public(item),
            previous=previous,
            created=self.now(),
            pending=len(wanting),
            request=self.request,
        )
        event["_subject"] = item["id"]
        self.put("event", event)
        self.recorder.event(public(event))
        if wanting:
            self.announce(event, wanting)

    def later(self, kind: str, subject: str, seconds: float) -> None:
        """Promise to run the task `kind` on `subject` after `seconds` of waiting time. Survives a restart."""
        task = {"id": f"task_{random_text(12)}", "kind": kind, "subject": subject, "due": self.clock.waited() + seconds}
        self.put("task", task)
        self.schedule(task)
