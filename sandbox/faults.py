"""Faults that tests and people switch on: which requests or deliveries they hit is decided here, what they do is
decided where they hit.

Each fault draws from its own seeded generator, so that the same sequence of requests meets the same faults again.
"""

import fnmatch
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock

# What a request or delivery is about: ids, idempotency keys, values of metadata. Only computed when a fault asks.
Marks = Callable[[], Iterable[str]]

REQUEST_KINDS = {
    "outage": "Every request is answered 503 before anything happens.",
    "refuse_before": "500 before the request is processed: nothing changes, nothing is stored.",
    "hang_up": "The connection is closed without an answer, before anything is done.",
    "fail_after": "The request is processed, the answer is a 500. A repeat with the same key gets the true answer.",
    "hang_up_after": "The request is processed, then the connection is closed without an answer.",
    "stored_500": "The request is processed, the 500 is stored under its idempotency key and replayed.",
    "stored_before": "500 before anything is done, stored under the idempotency key and replayed: nothing changes.",
    "latency": "The request waits before it is processed.",
    "timeout_after": "The request is processed, the answer waits longer than anyone listens.",
    "cut": "The request is processed, the reply breaks off after a few bytes.",
    "rate_limit": "429, too many requests. Nothing is processed.",
    "rate_bucket": "Each endpoint takes so many requests a second (Stripe: 25) and answers 429 beyond.",
    "html": "The request is processed, the answer is a web page with status 502.",
    "wrong_amount": "The answer carries another amount than the books.",
    "wrong_currency": "The answer carries another currency than the books.",
}
WEBHOOK_KINDS = {
    "webhook_lost": "An event is never delivered. The list of events still has it.",
    "webhook_late": "The first delivery waits.",
    "webhook_early": "Delivered before the request that causes it is answered.",
    "webhook_double": "A delivery is sent twice.",
    "webhook_reorder": "A delivery is held back until another one has gone out, or its time is up.",
    "webhook_bad_signature": "The signature doesn't fit the body. The next try is right.",
    "webhook_other_secret": "Signed with a secret the receiver doesn't hold. The next try is right.",
    "webhook_old_timestamp": "Signed correctly, but one hour ago. The next try is right.",
    "webhook_future_timestamp": "Signed correctly, but for an hour from now. The next try is right.",
    "webhook_invalid_utf8": "The body isn't valid UTF-8. The next try is right.",
    "webhook_huge_body": "Signed correctly, with two megabytes of filling. The next try is right.",
    "webhook_unknown_type": "Signed correctly, of a type that nobody knows.",
    "webhook_wrong_amount": "The object inside carries another amount than the books.",
    "webhook_wrong_account": "The event is about another account's object.",
}
MAIL_KINDS = {
    "smtp_outage": "Every connection is answered 421 and closed.",
    "smtp_refuse": "The address is refused for good: 550, no such mailbox.",
    "smtp_greylist": "The address is refused for now: 451, try again later.",
    "smtp_spam": "The message is refused for good after it was sent: 554.",
    "smtp_full": "The message is refused for now after it was sent: 452, no room.",
    "smtp_timeout": "The message is kept, the answer waits longer than anyone listens.",
    "smtp_cut": "The message is kept, the connection breaks before the answer.",
    "smtp_bounce": "The message is taken; a webhook tells later that it could not be delivered.",
}
SEARCH_KINDS = {"search_lag": "Search doesn't see the youngest objects."}
# Milliseconds that a fault waits unless its `delay_ms` says otherwise.
DELAYS = {
    "latency": 1000,
    "timeout_after": 120_000,
    "webhook_late": 5000,
    "webhook_reorder": 2000,
    "search_lag": 60_000,
    "smtp_timeout": 120_000,
    "smtp_bounce": 5000,
}
OPTIONS = {
    "delay_ms": "milliseconds that it waits",
    "wait_seconds": "the same for a webhook, in seconds of the sandbox's clock",
    "bytes": "where a reply is cut; the filling of a huge body",
    "share": "where a reply is cut, as a share of it from 0 to 1",
    "retry_after": "seconds in the Retry-After header of a 429",
    "status": "the status to answer with instead",
    "times": "how often a doubled webhook is sent",
    "per_second": "requests that each endpoint takes a second",
    "burst": "requests that may come at once; as many as per_second otherwise",
}
KINDS = REQUEST_KINDS | WEBHOOK_KINDS | SEARCH_KINDS | MAIL_KINDS


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
    about: str
    options: dict[str, Any]
    hits: int = 0
    generator: random.Random = field(default_factory=random.Random)
    buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def delay_seconds(self) -> float:
        """How long this fault makes things wait, in real seconds."""
        return float(self.options.get("delay_ms", DELAYS.get(self.kind, 0))) / 1000

    def takes(self, subject: str, now: float) -> bool:
        """Whether the bucket of `subject` has a token at waiting time `now`; takes it out when it has."""
        rate = float(self.options.get("per_second", 25))
        burst = float(self.options.get("burst", max(1.0, rate)))
        tokens, since = self.buckets.get(subject, (burst, now))
        tokens = min(burst, tokens + (now - since) * rate)
        # Seconds since 1970 leave sums of tokens a hair short of whole numbers.
        enough = tokens > 1 - 1e-5
        self.buckets[subject] = (tokens - 1 if enough else tokens, now)
        return enough

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
            "about": self.about,
            "seconds_left": seconds_left,
            "hits": self.hits,
            **self.options,
        }


class Faults:
    """The faults that are on, in the order they were switched on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults: dict[str, Fault] = {}
        self._count = 0
        self.struck: Counter[str] = Counter()
        """Hits of each kind since the start, also of faults that ended meanwhile."""

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

    def hit(
        self, provider: str, kinds: dict[str, str], subject: str, marks: Marks = tuple, *, place: str = ""
    ) -> list[Fault]:
        """The faults that strike `subject` ("POST /v1/refunds", an event type, an address), each counted as a hit.
        `place` names the endpoint without ids, for limits that count by endpoint.
        """
        if not self._faults:
            return []
        struck = []
        for fault in self.active():
            if fault.provider != provider or fault.kind not in kinds or not _matches(fault.endpoints, subject):
                continue
            if fault.about and not any(mark.startswith(fault.about) for mark in marks()):
                continue
            if fault.generator.random() >= fault.probability:
                continue
            if fault.kind == "rate_bucket" and fault.takes(place or subject, self._clock.waited()):
                continue
            fault.hits += 1
            self.struck[fault.kind] += 1
            if fault.remaining is not None:
                fault.remaining -= 1
            struck.append(fault)
        return struck


def provider_of(kind: str) -> str:
    """The provider that a kind of fault strikes unless it is told another."""
    return "mail" if kind in MAIL_KINDS else "stripe"


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
    options: dict[str, Any] = {name: _number(wish, name, 0) for name in OPTIONS if name in wish}
    if not 0 <= options.get("share", 0) <= 1:
        raise FaultError("share must be between 0 and 1")
    if options.get("per_second", 1) <= 0 or options.get("burst", 1) < 1:
        raise FaultError("per_second must be above 0, burst at least 1")
    about = str(wish.pop("about", ""))
    provider = str(wish.pop("provider", provider_of(kind)))
    if wish:
        raise FaultError(
            f"{', '.join(sorted(wish))}: unknown; a fault has provider, kind, probability, seed, seconds, endpoints,"
            f" remaining, about, and for some kinds {', '.join(OPTIONS)}"
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
        about=about,
        options=options,
        generator=random.Random(seed),
    )


def _number(wish: dict[str, Any], name: str, default: float) -> float:
    value = wish.pop(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FaultError(f"{name} must be a number")
    return value
