"""A worker that died leaves its jobs to another one, and none of them stands in the way of the others."""

from collections.abc import Iterable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from codepop.core.jobs import defer
from codepop.core.tasks import rescue_stalled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def _jobs() -> list[tuple[str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status::text, attempts FROM procrastinate_jobs ORDER BY id")
        return list(cursor.fetchall())


def _left_by_a_dead_worker(name: str, **arguments: Any) -> None:
    with connection.cursor() as cursor:
        defer(name, **arguments)
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE status = 'todo' AND task_name = %s",
            [cursor.fetchone()[0], name],
        )


def test_a_scheduled_job_whose_next_run_waits_does_not_keep_others_from_being_rescued() -> None:
    _left_by_a_dead_worker("core.forget_idempotency_keys", timestamp=1)
    defer("core.forget_idempotency_keys", timestamp=2)
    _left_by_a_dead_worker("payments.cancel_intent", reference="7")
    async_to_sync(rescue_stalled.func)(timestamp=0)
    assert _jobs() == [("core.forget_idempotency_keys", "todo", 0), ("payments.cancel_intent", "todo", 1)]


@pytest.mark.parametrize("next_run_waits", [False, True])
def test_two_rescuers_at_once_fail_no_job(monkeypatch: pytest.MonkeyPatch, *, next_run_waits: bool) -> None:
    _left_by_a_dead_worker("core.forget_idempotency_keys", timestamp=1)
    if next_run_waits:
        defer("core.forget_idempotency_keys", timestamp=2)
    _left_by_a_dead_worker("payments.cancel_intent", reference="7")
    look = app.job_manager.get_stalled_jobs
    seen_by_both = iter([list(async_to_sync(look)(seconds_since_heartbeat=30))])
    async_to_sync(rescue_stalled.func)(timestamp=0)
    left = _jobs()

    async def late_look(**how: Any) -> Iterable[Job]:
        return next(seen_by_both, None) or await look(**how)

    monkeypatch.setattr(app.job_manager, "get_stalled_jobs", late_look)
    async_to_sync(rescue_stalled.func)(timestamp=0)
    assert _jobs() == left
