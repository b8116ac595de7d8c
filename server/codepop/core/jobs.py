"""Jobs and schedules, on procrastinate: a job row commits, or is rolled back, with the data it belongs to.

Every task must be idempotent: a worker that dies leaves its job to another (`core.tasks.rescue_stalled`).
Arguments are ids, never personal data: the job table is not encrypted.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from codepop.core.db import transaction

F = TypeVar("F", bound=Callable[..., None])


class Urgency(IntEnum):
    """procrastinate takes higher numbers first."""

    BULK = -10
    NORMAL = 0
    ORDER = 10


QUEUE = "default"
RETRY = RetryStrategy(max_attempts=12, wait=1, exponential_wait=2)


def task(*, name: str, urgency: Urgency = Urgency.NORMAL, retry: bool = True) -> Callable[[F], F]:
    """Register a plain function as a job; its module must be the `tasks.py` of an installed feature.

    A retried job waits 1 + 2, 4, 8 ... seconds, at most 12 tries (about two hours).
    """

    def register(function: F) -> F:
        app.task(name=name, queue=QUEUE, priority=int(urgency), retry=RETRY if retry else False)(function)
        return function

    return register


def periodic(cron: str, *, name: str) -> Callable[[F], F]:
    """Register a function without arguments that runs by the clock; `cron` may have a sixth field, seconds first.

    Only one of each name waits at a time, however many workers there are. (croniter, which reads the text
    for procrastinate, wants the seconds last.)
    """
    parts = cron.split()
    seconds_last = " ".join([*parts[1:], parts[0]]) if len(parts) == 6 else cron

    def register(function: F) -> F:
        def run(timestamp: int) -> None:
            function()

        job = app.task(name=name, queue=QUEUE, priority=int(Urgency.NORMAL), queueing_lock=name)(run)
        app.periodic(cron=seconds_last)(job)
        return function

    return register


def defer(task_name: str, /, *, after_seconds: float = 0, **arguments: Any) -> None:
    """Add a job on the request's own connection: inside a transaction it commits with the data."""
    options: dict[str, Any] = {"schedule_in": {"seconds": after_seconds}} if after_seconds else {}
    app.configure_task(task_name, **options).defer(**arguments)


def defer_once(task_name: str, /, *, key: str, **arguments: Any) -> bool:
    """Add a job unless one with this key still waits, also between its own tries; says whether it was added.

    For sweeps that look again and again at what is not settled: without the key an outage of an hour would pile up a
    job for each look. Opens its own transaction.
    """
    try:
        with transaction():
            app.configure_task(task_name, queueing_lock=key).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True
