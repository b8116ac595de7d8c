"""The one way out: every request to any provider passes here, with its limits, its budget and its breaker.

A transport wraps each request in `Guard.outgoing(operation)` and tells it the answer's status. The guard refuses inside
transactions, holds back what the budget or an open breaker forbids (`HeldBack`, with the time to try again), counts
what failed, and measures. What a process knows is at most a second old: it takes requests from the shared budget in
blocks and learns with each block how the breaker stands, so most calls cost no statement at all.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.http import refuse_in_transaction
from codepop.core.jobs import Urgency, current_urgency
from codepop.core.log import get_logger
from codepop.gateways import metrics, shared
from codepop.gateways.errors import HeldBack
from codepop.gateways.limits import Limit, ProviderLimits
from codepop.kit.clock import now
from codepop.kit.ids import uuid7

log = get_logger(__name__)

LEASE = timedelta(seconds=1)
TOO_MANY = 429
AWAY = "provider.away"
_RESERVE: Final[dict[Urgency, float]] = {Urgency.ORDER: 0.0, Urgency.NORMAL: 0.25, Urgency.BULK: 0.5}
"""The share of the bucket that is left to those who are more urgent."""
_PATIENCE_SECONDS: Final[dict[Urgency, float]] = {Urgency.ORDER: 2.0, Urgency.NORMAL: 0.0, Urgency.BULK: 0.0}
"""How long a call waits for its turn; a job rather comes back later than block the worker."""


class UnlistedOperation(LookupError):
    """The operation has no row in `gateways.limits`: without limits nothing is sent."""


@dataclass
class Answer:
    """What came back, filled in by the transport; a status of 0 means no answer."""

    status: int = 0
    error_type: str = ""
    retry_after: float | None = None
    unreadable: bool = False

    @property
    def broken(self) -> bool:
        """Say whether the provider is to blame. 4xx is an answer; 429 is the budget's business."""
        return self.status == 0 or self.status >= 500 or self.unreadable


@dataclass
class _Lease:
    """Requests taken in advance. Good for a second: what is left then is given up."""

    left: int
    taken_at: datetime

    def usable(self) -> bool:
        """Say whether there is one left. A clock that was set back makes it unusable, not everlasting."""
        return self.left > 0 and timedelta(0) <= now() - self.taken_at < LEASE


class Guard:
    """One provider's guard in this process. Thread-safe."""

    def __init__(self, limits: ProviderLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._leases: dict[str, _Lease] = {}
        self._answered = 0
        self._open_until: datetime | None = None

    def limit(self, operation: str) -> Limit:
        """Return an operation's row of the table. Raises UnlistedOperation."""
        try:
            return self._limits.operations[operation]
        except KeyError:
            raise UnlistedOperation(
                f"{self._limits.provider}: {operation!r} has no row in codepop/gateways/limits.py"
            ) from None

    @contextmanager
    def outgoing(self, operation: str, *, method: str) -> Iterator[Answer]:
        """Let one request out. Raises NetworkInsideTransaction, UnlistedOperation or HeldBack before anything is
        sent; the caller fills in the answer, or lets its own error pass.
        """
        refuse_in_transaction()
        self.limit(operation)
        probing = self._admit(operation)
        answer = Answer()
        started = time.monotonic()
        try:
            yield answer
        except Exception as error:
            answer.error_type = answer.error_type or type(error).__name__
            raise
        finally:
            self._measure(operation, method, answer, time.monotonic() - started)
            self._settle(operation, answer, probing=probing)

    def _admit(self, operation: str) -> bool:
        """Wait for a turn; says whether this call is the probe of an open breaker."""
        give_up = time.monotonic() + _PATIENCE_SECONDS[current_urgency()]
        while True:
            lease = self._leases.get(operation)
            if lease is None or not lease.usable():
                wait = self._take_block(operation)
            else:
                wait = 0.0
            if self._open_until is not None:
                return self._probe(operation)
            if self._take(operation):
                return False
            if not wait:
                continue  # another thread took the last one of the block
            wait = max(wait, 0.01) * random.uniform(1.0, 1.3)
            if time.monotonic() + wait > give_up:
                raise self._held_back(operation, "budget", wait)
            time.sleep(wait)

    def _take(self, operation: str) -> bool:
        with self._lock:
            lease = self._leases.get(operation)
            if lease is None or not lease.usable():
                return False
            lease.left -= 1
            return True

    def _take_block(self, operation: str) -> float:
        """Take requests for the next second from the shared budget; returns the seconds until there may be more."""
        rate = self._limits.per_second
        reserve = _RESERVE[current_urgency()] * max(rate, 1.0)
        at = now()
        with self._lock:
            calls, self._answered = self._answered, 0
        block = shared.take_block(
            provider=self._limits.provider,
            operation=operation,
            rate=rate,
            block=max(1, int(rate / 10)),
            reserve=reserve,
            calls=calls,
            at=at,
        )
        with self._lock:
            self._open_until = block.open_until
            lease = self._leases.get(operation)
            kept = lease.left if lease is not None and lease.usable() else 0
            self._leases[operation] = _Lease(kept + block.granted, at)
        return 0.0 if block.granted else (1 + reserve - block.left) / rate

    def _probe(self, operation: str) -> bool:
        """Become the one who looks whether the provider is back, or raise HeldBack with the time to try again."""
        at, until = now(), self._open_until
        provider, limits = self._limits.provider, self._limits.breaker
        if until is not None and until > at:
            raise self._held_back(operation, "breaker", (until - at).total_seconds())
        if not shared.claim_probe(provider=provider, limits=limits, at=at):
            raise self._held_back(operation, "breaker", LEASE.total_seconds())
        log.info("breaker_probe", provider=provider, operation=operation)
        return True

    def _held_back(self, operation: str, reason: str, seconds: float) -> HeldBack:
        provider = self._limits.provider
        metrics.HELD_BACK.labels(provider, operation, reason).inc()
        return HeldBack(provider, f"held back by the {reason}", code=f"held_back_{reason}", retry_after=seconds)

    def _measure(self, operation: str, method: str, answer: Answer, seconds: float) -> None:
        provider, status = self._limits.provider, str(answer.status or "")
        error_type = answer.error_type or (status if answer.status >= 400 else "")
        metrics.REQUEST_SECONDS.labels(provider, operation, method, status, error_type).observe(seconds)
        log.info(
            "provider_call",
            provider=provider,
            operation=operation,
            status=answer.status or "no answer",
            error_type=error_type,
            ms=round(seconds * 1000),
        )

    def _settle(self, operation: str, answer: Answer, *, probing: bool) -> None:
        """Tell the others what was learnt. Should the database be away, the answer in hand counts for more."""
        with self._lock:
            self._answered += 1
        try:
            if answer.broken:
                self._failed(answer, operation, probing=probing)
            elif probing:
                self._close()
            if answer.status == TOO_MANY:
                self._pause(operation, answer.retry_after or 0.0)
        except DatabaseError as error:
            log.error("breaker_not_told", provider=self._limits.provider, error=type(error).__name__)

    def _failed(self, answer: Answer, operation: str, *, probing: bool) -> None:
        provider, limits, at = self._limits.provider, self._limits.breaker, now()
        if probing:
            self._open_until = shared.stay_open(provider=provider, limits=limits, at=at)
            return
        with self._lock:
            calls, self._answered = self._answered, 0
        shared.count_failure(provider=provider, calls=calls, limits=limits, at=at)
        reason = f"{operation}: {answer.error_type or answer.status}"
        if shared.open_breaker(provider=provider, incident_id=uuid7(), reason=reason, limits=limits, at=at):
            self._open_until = at + timedelta(seconds=limits.open_seconds)
            metrics.BREAKER_OPENED.labels(provider).inc()
            raise_alert(AWAY, f"{provider} is taken to be away ({reason})", subject=provider)

    def _close(self) -> None:
        seconds = shared.close_breaker(provider=self._limits.provider, at=now())
        self._open_until = None
        if seconds is not None:
            log.warning("breaker_closed", provider=self._limits.provider, seconds=round(seconds))
            close_alert(AWAY, subject=self._limits.provider)

    def _pause(self, operation: str, seconds: float) -> None:
        """Let nobody send this operation before the provider wants it again."""
        with self._lock:
            self._leases.pop(operation, None)
        tokens = -self._limits.per_second * seconds
        shared.empty_bucket(provider=self._limits.provider, operation=operation, tokens=tokens, at=now())
