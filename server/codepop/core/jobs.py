"""Jobs and schedules, on procrastinate: a job row commits, or is rolled back, with the data it belongs to.

Every task must be idempotent: a worker that dies leaves its job to another (`core.tasks.rescue_stalled`).
Arguments are ids, never personal data: the job table is not encrypted.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum, StrEnum
from typing import Any, TypeVar

from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from codepop.core.db import transaction
from codepop.core.statements import fetch_one

F = TypeVar("F", bound=Callable[..., None])


class Urgency(IntEnum):
    """procrastinate takes higher numbers first."""

    BULK = -10
    NORMAL = 0
    ORDER = 10


_urgency: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.ORDER)


def current_urgency() -> Urgency:
    """Return how urgent the work of this thread is: a job's own urgency, else that of a person who waits."""
    return _urgency.get()


@contextmanager
def urgency_of(urgency: Urgency) -> Iterator[None]:
    """Do a piece of work at another urgency: providers' budgets are shared out by it."""
    token = _urgency.set(urgency)
    try:
        yield
    finally:
        _urgency.reset(token)


class Lane(StrEnum):
    """Whom a job may have to wait for; the values are procrastinate's queues.

    A worker has places of its own for each lane: a provider that is slow holds up nobody else's jobs.
    """

    SHOP = "default"
    """Nobody: what asks the database only."""
    PAYMENTS = "payments"
    MAIL = "mail"


# Locked, so that no worker starts the one that waits between this look and what follows from it.
_UNDER_WAY = "SELECT id FROM procrastinate_jobs WHERE queueing_lock = %s AND status IN ('todo', 'doing') FOR UPDATE"
RETRY = RetryStrategy(max_attempts=12, wait=1, exponential_wait=2)


def task(
    *, name: str, lane: Lane = Lane.SHOP, urgency: Urgency = Urgency.NORMAL, retry: bool = True
) -> Callable[[F], F]:
    """Register a plain function as a job; its module must be the `tasks.py` of an installed feature.

    A retried job waits 1 + 2, 4, 8 ... seconds, at most 12 tries (about two hours).
    """

    def register(function: F) -> F:
        @functools.wraps(function)
        def run(**arguments: Any) -> None:
            with urgency_of(urgency):
                function(**arguments)

        app.task(name=name, queue=lane.value, priority=int(urgency), retry=RETRY if retry else False)(run)
        return function

    return register


def periodic(cron: str, *, name: str, lane: Lane = Lane.SHOP) -> Callable[[F], F]:
    """Register a function without arguments that runs by the clock; `cron` may have a sixth field, seconds first.

    Only one of each name waits at a time, however many workers there are. (croniter, which reads the text
    for procrastinate, wants the seconds last.)
    """
    parts = cron.split()
    seconds_last = " ".join([*parts[1:], parts[0]]) if len(parts) == 6 else cron

    def register(function: F) -> F:
        def run(timestamp: int) -> None:
            with urgency_of(Urgency.NORMAL):
                function()

        job = app.task(name=name, queue=lane.value, priority=int(Urgency.NORMAL), queueing_lock=name)(run)
        app.periodic(cron=seconds_last)(job)
        return function

    return register


@contextmanager
def _told_by_the_database() -> Iterator[None]:
    """Bring back what PostgreSQL said, which procrastinate hides: `transaction()` must know a deadlock by it."""
    try:
        yield
    except ConnectorException as error:
        said = error.__cause__
        if said is None:
            raise
        with connection.wrap_database_errors:
            raise said from said.__cause__


def defer(task_name: str, /, *, after_seconds: float = 0, **arguments: Any) -> None:
    """Add a job on the request's own connection: inside a transaction it commits with the data."""
    options: dict[str, Any] = {"schedule_in": {"seconds": after_seconds}} if after_seconds else {}
    with _told_by_the_database():
        app.configure_task(task_name, **options).defer(**arguments)


def defer_once(task_name: str, /, *, key: str, **arguments: Any) -> bool:
    """Add a job unless one with this key waits, also between its own tries, or runs; says whether it was added.

    For sweeps that look again and again at what is not settled: without the key an outage of an hour would pile up a
    job for each look. Were one added while another runs, that one could not wait for its next try (two may not wait
    under one key) and would count as running for ever. Opens its own transaction.
    """
    try:
        with transaction():
            if fetch_one(_UNDER_WAY, (key,)):
                return False
            with _told_by_the_database():
                app.configure_task(task_name, queueing_lock=key).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True
