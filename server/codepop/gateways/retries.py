"""Sending again, for all providers: only what is safe, a little later each time, and when the provider says so.

stamina does the waiting and the jitter; how often, and how long all tries may take, is in `gateways.limits`.
"""

import email.utils
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Final, TypeVar

import stamina
import stamina.instrumentation

from codepop.gateways import metrics
from codepop.gateways.errors import GatewayError, HeldBack
from codepop.gateways.limits import Limit
from codepop.kit.clock import now

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0
"""A person waits: what the provider puts off for longer is left to the caller, who knows from `retry_after`."""
LONGEST_PAUSE_SECONDS: Final = 3600.0

T = TypeVar("T")

# stamina's own hooks would log and count each retry a second time.
stamina.instrumentation.set_on_retry_hooks([])


def tried(
    send: Callable[[], T], *, provider: str, operation: str, limit: Limit, again: tuple[type[GatewayError], ...]
) -> T:
    """Send until it works, it must not be sent again, or the operation's tries or time are used up; raises the last
    error. What our own guard held back is not tried again: it has waited for its turn already.
    """
    end = time.monotonic() + limit.deadline_seconds

    def wait(error: Exception) -> bool | float:
        if not isinstance(error, again) or isinstance(error, HeldBack):
            return False
        seconds = error.retry_after
        if seconds is None:
            return time.monotonic() < end
        seconds += random.uniform(0.01, 0.1)
        return seconds if seconds <= LONGEST_WAIT_SECONDS and time.monotonic() + seconds < end else False

    attempts = stamina.retry_context(
        on=wait,
        attempts=limit.tries,
        timeout=None,
        wait_initial=FIRST_WAIT_SECONDS,
        wait_max=LONGEST_WAIT_SECONDS,
        wait_jitter=FIRST_WAIT_SECONDS,
    )
    for attempt in attempts:
        if attempt.num > 1:
            metrics.RETRIES.labels(provider, operation).inc()
        with attempt:
            return send()
    raise AssertionError("unreachable")


def retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Return the seconds of a Retry-After header, which may also be a date; None without one that can be read."""
    told = (headers or {}).get("Retry-After", "").strip()
    if not told:
        return None
    try:
        seconds = float(told)
    except ValueError:
        try:
            date = email.utils.parsedate_to_datetime(told)
        except ValueError:
            return None
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - now()).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS) if seconds == seconds else None
