"""A worker that died leaves its jobs to another one, and none of them stands in the way of the others."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

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
    _left_by_a_dead_worker("payments.take_message", message_id=7)
    async_to_sync(rescue_stalled.func)(timestamp=0)
    assert _jobs() == [("core.forget_idempotency_keys", "todo", 0), ("payments.take_message", "todo", 1)]
