"""Faults that tests and people switch on: which requests or deliveries they hit is decided here, what they do is
decided where they hit.

Each fault draws from its own seeded generator, so that the same sequence of requests meets the same faults again.
"""

import fnmatch
import random
import time
from dataclasses import dataclass, field
from typing import Any

REQUEST_KINDS = {
    "outage": "Every request is answered 503 before anything happens.",
    "refuse_before": "500 before the request is processed: nothing changes, nothing is stored.",
    "fail_after": "The request is processed, the answer is a 500. A repeat with the same key gets the true answer.",
    "stored_500": "The request is processed, the 500 is stored under its idempotency key and replayed.",
    "latency": "The request waits before it is processed.",
    "timeout_after": "The request is processed, the answer waits longer than anyone listens.",
    "cut": "The request is processed, the reply breaks off after a few bytes.",
    "rate_limit": "429, too many requests. Nothing is processed.",
    "html": "The request is processed, the answer is a web page with status 502.",
}
WEBHOOK_KINDS = {
    "webhook_lost": "An event is never delivered. The list of events still has it.",
    "webhook_late": "The first delivery waits.",
    "webhook_double": "A delivery is sent twice.",
    "webhook_reorder": "A delivery is held back until another one has gone out, or its time is up.",
    "webhook_bad_signature": "Signed with a secret the receiver doesn't hold. The next try is right.",
    "webhook_old_timestamp": "Signed correctly, but one hour ago. The next try is right.",
    "webhook_invalid_utf8": "The body isn't valid UTF-8. The next try is right.",
    "webhook_wrong_amount": "The object inside carries another amount than the books.",
    "webhook_wrong_account": "The event is about another account's object.",
}
SEARCH_KINDS = {"search_lag": "Search doesn't see the youngest objects."}
# Milliseconds that a fault waits unless its `delay_ms` says otherwise.
DELAYS = {
    "latency": 1000,
    "timeout_after": 120_000,
    "webhook_late": 5000,
    "webhook_reorder": 2000,
    "search_lag": 60_000,
}
KINDS = REQUEST_KINDS | WEBHOOK_KINDS | SEARCH_KINDS


class FaultError(ValueError):
    """The description of a fault is wrong; the message names the field and the remedy."""


@dataclass
class Fault:
    """One switched-on fault. `remaining` counts down per hit (None: no limit), `until` is real Unix time (None: until
    removed).
    """

    id: str
    provider: str
    kind: str
    probability: float
    seed: int
    endpoints: tuple[str, ...]
    remaining: int | None
    until: float | None
    options: dict[str, Any]
    hits: int = 0
    generator: random.Random = field(default_factory=random.Random)

    @property
    def delay_seconds(self) -> float:
        """How long this fault makes things wait, in real seconds."""
        return float(self.options.get("delay_ms", DELAYS.get(self.kind, 0))) / 1000

    def to_json(self) -> dict[str, Any]:
        seconds_left = None if self.until is None else max(0.0, round(self.until - time.time(), 1))
        return {
            "id": self.id,
            "provider": self.provider,
            "kind": self.kind,
            "probability": self.probability,
            "seed": self.seed,
            "endpoints": list(self.endpoints),
            "remaining": self.remaining,
            "seconds_left": seconds_left,
            "hits": self.hits,
            **self.options,
        }


class Faults:
    """The faults that are on, in the order they were switched on."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._count = 0

    def add(self, wish: dict[str, Any]) -> Fault:
        """Switch a fault on. Raises FaultError when a field is wrong."""
        self._count += 1
        fault = _read_fault(f"fault_{self._count}", wish)
        self._faults[fault.id] = fault
        return fault

    def remove(self, *, fault_id: str | None = None, provider: str | None = None, kind: str | None = None) -> int:
        """Switch off the faults that match all given; without any, all of them. Says how many went."""
        chosen = [
            fault.id
            for fault in self._faults.values()
            if (fault_id in (None, fault.id)) and (provider in (None, fault.provider)) and (kind in (None, fault.kind))
        ]
        for one in chosen:
            del self._faults[one]
        return len(chosen)

    def active(self) -> list[Fault]:
        if self._faults:
            now = time.time()
            for fault in list(self._faults.values()):
                if (fault.until is not None and fault.until <= now) or fault.remaining == 0:
                    del self._faults[fault.id]
        return list(self._faults.values())

    def hit(self, provider: str, kinds: dict[str, str], subject: str) -> list[Fault]:
        """The faults that strike `subject` ("POST /v1/refunds", or an event type), each counted as a hit."""
        if not self._faults:
            return []
        struck = []
        for fault in self.active():
            if fault.provider != provider or fault.kind not in kinds or not _matches(fault.endpoints, subject):
                continue
            if fault.generator.random() < fault.probability:
                fault.hits += 1
                if fault.remaining is not None:
                    fault.remaining -= 1
                struck.append(fault)
        return struck


def _matches(patterns: tuple[str, ...], subject: str) -> bool:
    return not patterns or any(fnmatch.fnmatchcase(subject, pattern) for pattern in patterns)


def _read_fault(fault_id: str, wish: dict[str, Any]) -> Fault:
    wish = dict(wish)
    kind = wish.pop("kind", None)
    if kind not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(KINDS)}")
    probability = _number(wish, "probability", 1.0)
    if not 0 <= probability <= 1:
        raise FaultError("probability must be between 0 and 1")
    seconds = wish.pop("seconds", None)
    remaining = wish.pop("remaining", None)
    endpoints = wish.pop("endpoints", None) or []
    if isinstance(endpoints, str):
        endpoints = [endpoints]
    seed = int(_number(wish, "seed", 0))
    options: dict[str, Any] = {
        name: _number(wish, name, 0) for name in ("delay_ms", "bytes", "retry_after", "status") if name in wish
    }
    provider = str(wish.pop("provider", "stripe"))
    if wish:
        raise FaultError(
            f"{', '.join(sorted(wish))}: unknown; a fault has provider, kind, probability, seed, seconds, endpoints,"
            f" remaining"
        )
    return Fault(
        id=fault_id,
        provider=provider,
        kind=str(kind),
        probability=probability,
        seed=seed,
        endpoints=tuple(str(pattern) for pattern in endpoints),
        remaining=None if remaining is None else int(remaining),
        until=None if seconds is None else time.time() + float(seconds),
        options=options,
        generator=random.Random(seed),
    )


def _number(wish: dict[str, Any], name: str, default: float) -> float:
    value = wish.pop(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FaultError(f"{name} must be a number")
    return value
