"""Which of our secrets are in use: first seen, last used, and how often the next one had to help out (KEY-01, PAY-26).

Of a secret only a fingerprint leaves this module. A process writes at most once a minute for each.
"""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.log import get_logger
from codepop.gateways import metrics
from codepop.kit.clock import now

log = get_logger(__name__)

WRITE_EVERY = timedelta(minutes=1)
FALLBACK = "secret.fallback"

_NOTE = """
    INSERT INTO core_secretuse (variable, fingerprint, first_seen_at, last_used_at, fallbacks)
    VALUES (%(variable)s, %(fingerprint)s, %(at)s, %(used_at)s, %(fallbacks)s)
    ON CONFLICT (variable, fingerprint) DO UPDATE SET
        last_used_at = COALESCE(EXCLUDED.last_used_at, core_secretuse.last_used_at),
        fallbacks = core_secretuse.fallbacks + EXCLUDED.fallbacks
"""


def fingerprint(secret: str) -> str:
    """Return what tells two secrets apart and gives neither away: they are long and random."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def note_seen(variable: str, secret: str) -> None:
    """Remember that a secret is configured."""
    _write(variable, fingerprint(secret), used=False, fallbacks=0)


@dataclass
class _Notes:
    fingerprint: str
    fallbacks: int = 0
    written_at: datetime | None = None


class SecretUses:
    """The secrets of one variable, the current one first. Thread-safe."""

    def __init__(self, variable: str, secrets: Sequence[str]) -> None:
        self._variable = variable
        self._notes = [_Notes(fingerprint(secret)) for secret in secrets]
        self._lock = threading.Lock()

    def used(self, position: int, *, fallback: bool = False) -> None:
        """Note that a secret was right; `fallback` when the current one had been refused, which is an alert.

        The alert closes when the current one is right again, for the first time in a process: after a restart with
        new settings.
        """
        notes = self._notes[position]
        if fallback:
            metrics.SECRET_FALLBACK_USED.labels(self._variable).inc()
        with self._lock:
            first = notes.written_at is None
            notes.fallbacks += fallback
            if notes.written_at is not None and timedelta(0) <= now() - notes.written_at < WRITE_EVERY:
                return
            notes.written_at = now()
            fallbacks, notes.fallbacks = notes.fallbacks, 0
        try:
            _write(self._variable, notes.fingerprint, used=True, fallbacks=fallbacks)
            if fallback:
                says = f"{self._variable}: the current one is refused, {notes.fingerprint} is used instead"
                raise_alert(FALLBACK, says, subject=self._variable)
            elif first and position == 0:
                close_alert(FALLBACK, subject=self._variable)
        except DatabaseError as error:
            # The provider's answer in hand counts for more than this note; the next use writes it.
            log.warning("secret_use_not_noted", variable=self._variable, error=type(error).__name__)


def _write(variable: str, print_: str, *, used: bool, fallbacks: int) -> None:
    at = now()
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "variable": variable,
                "fingerprint": print_,
                "at": at,
                "used_at": at if used else None,
                "fallbacks": fallbacks,
            },
        )
