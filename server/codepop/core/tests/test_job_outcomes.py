"""A database that ends while a job runs: what became of the job is written down when it is back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.psycopg_connector import PsycopgConnector

from codepop.core.job_outcomes import PatientJobManager
from codepop.core.jobs import defer, defer_once
from tests.database_role import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def _status() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        return [status for (status,) in cursor.fetchall()]


_WAITS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def _lose_database_during(writing: Awaitable[None]) -> None:
    """End the server's side of the connection while it carries the statement, which a locked row holds up."""
    connect = psycopg.AsyncConnection.connect
    async with await connect(database_url()) as holding, await connect(database_url(), autocommit=True) as other:
        await holding.execute("SELECT FROM procrastinate_jobs FOR UPDATE")
        written = asyncio.ensure_future(writing)
        waiting = None
        while waiting is None:
            await asyncio.sleep(0.02)
            waiting = await (await other.execute(_WAITS)).fetchone()
        await other.execute("SELECT pg_terminate_backend(%s, 10000)", waiting)
        await holding.rollback()
        await written


@asynccontextmanager
async def _taken_job() -> AsyncIterator[tuple[PatientJobManager, Job]]:
    """Take the one job that waits, as a worker with one connection."""
    connector = PsycopgConnector(conninfo=database_url(), min_size=1, max_size=1)
    async with app.with_connector(connector).open_async():
        jobs = PatientJobManager(connector)
        job = await jobs.fetch_job(queues=None, worker_id=await jobs.register_worker())
        assert job
        yield jobs, job


async def _run(outcome: str) -> None:
    """Lose the database while what became of the job is written down."""
    async with _taken_job() as (jobs, job):
        if outcome == "done":
            await _lose_database_during(jobs.finish_job(job, Status.SUCCEEDED, delete_job=False))
        else:
            await _lose_database_during(jobs.retry_job(job))


@pytest.mark.req("DB-21")
@pytest.mark.parametrize(("outcome", "status"), [("done", "succeeded"), ("failed", "todo")])
def test_the_outcome_waits_for_the_database(outcome: str, status: str) -> None:
    assert defer_once("payments.cancel_intent", key="once", reference="7")
    asyncio.run(_run(outcome))
    assert _status() == [status]
    assert defer_once("payments.cancel_intent", key="once", reference="7") == (outcome == "done")


def test_what_the_database_refuses_is_an_error_at_once() -> None:
    defer("payments.cancel_intent", reference="7")

    async def finish_twice() -> None:
        async with _taken_job() as (jobs, job):
            for _ in range(2):
                await jobs.finish_job(job, Status.SUCCEEDED, delete_job=False)

    with pytest.raises(ConnectorException):
        asyncio.run(finish_twice())
    assert _status() == ["succeeded"]
