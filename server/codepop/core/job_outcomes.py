"""What became of a job is written down, however long the database is away."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from codepop.core.log import get_logger

AGAIN_SECONDS: Final = 1.0

log = get_logger(__name__)


class PatientJobManager(JobManager):
    """Tries again until the database has taken the outcome.

    procrastinate's own manager loses it: the job would count as running for as long as its worker lives, which rescues
    nothing of its own, and what may be queued only once (`defer_once`) would be queued no more.
    """

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Set a job to its final state."""
        await _until_taken(functools.partial(super().finish_job, job, status, delete_job))

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Let a job wait for its next try. Heard twice by the database, it runs once more: jobs bear that."""
        await _until_taken(functools.partial(super().retry_job, job, retry_at, priority, queue, lock))


async def _until_taken(write: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await write()
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
                raise
            log.warning("job_outcome_waits", reason=type(error.__cause__).__name__)
        await asyncio.sleep(AGAIN_SECONDS)
