"""The worker: takes due jobs in the order of their urgency, and runs the schedules when a history says so.

Jobs are the rows that procrastinate's own connector wrote. A job whose process dies stays "doing", as in production,
until the rescue puts it back.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from croniter import croniter  # type: ignore[import-untyped]  # it has no types
from procrastinate.contrib.django import app

from chaos.matrix import Coverage
from chaos.people import attempt
from chaos.steps import Step
from chaos.strike import Outcome, Striker
from chaos.world import World
from codepop.core import inbox

MOST_JOBS = 20
MOST_TRIES = 12
JUST_BEFORE = timedelta(seconds=1)
"""A schedule that never ran in this history waits for its next time, as after a start."""

_LETTERS = "notifications."
SWEEPS = {
    "look_at_open": "payments.look_at_open",
    "reconcile": "payments.reconcile",
    "disputes": "payments.look_at_disputes",
    "undelivered": "payments.fetch_undelivered",
    "release_due": "ordering.release_due",
    "expire_stale": "ordering.expire_stale",
    "silent_robots": "fulfilment.fail_silent_robots",
    "stranded": "fulfilment.refund_stranded",
    "discard": "fulfilment.discard_overdue",
}
_DUE = """
    UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (
        SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s)
        ORDER BY priority DESC, id LIMIT 1
    ) RETURNING id, task_name, args, attempts
"""
_DUE_MESSAGE = """
    SELECT kind FROM core_inboxmessage
    WHERE state IN ('new', 'parked') AND (next_try_at IS NULL OR next_try_at <= %s) ORDER BY received_at LIMIT 1
"""
_OPEN = """
    SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))
        OR EXISTS (SELECT FROM core_inboxmessage WHERE state IN ('new', 'parked'))
        OR EXISTS (SELECT FROM payments_refund WHERE status IN ('requested', 'pending'))
"""
_AGAIN = "UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = %s WHERE id = %s"
# As procrastinate's retry does: a scheduled job whose next run waits already is not needed any more.
_RESCUE = """
    UPDATE procrastinate_jobs j SET status = CASE WHEN j.queueing_lock IS NOT NULL AND EXISTS (
        SELECT FROM procrastinate_jobs o WHERE o.queueing_lock = j.queueing_lock AND o.status = 'todo'
    ) THEN 'aborted' ELSE 'todo' END::procrastinate_job_status
    WHERE status = 'doing'
"""


@dataclass
class Worker:
    """Runs jobs and schedules of one world."""

    world: World
    striker: Striker
    coverage: Coverage
    points: list[str] = field(default_factory=list)
    _ran_at: dict[str, datetime] = field(default_factory=dict)

    def work(self, step: Step) -> str:
        """Take the inbox's due messages and do all due jobs; the step's fault strikes the first of them."""
        self.points = []
        done = self._drain(step.fault)
        fault = "" if done else step.fault
        while len(done) < MOST_JOBS:
            job = self.world.admin.execute(_DUE, [self.world.clock.at]).fetchone()
            if job is None:
                break
            done.append(self._run(*job, fault=fault))
            fault = ""
        return ", ".join(done) or "nothing to do"

    def _drain(self, fault: str) -> list[str]:
        """Work on what is due in the inbox, as the worker's threads do."""
        row = self.world.admin.execute(_DUE_MESSAGE, [self.world.clock.at]).fetchone()
        if row is None:
            return []
        outcome = self.striker.run(lambda: attempt(inbox.drain), fault)
        self.points = outcome.points
        if outcome.struck:
            for column in columns(fault, outcome):
                self.coverage.visit(14 if row[0] in ("refund", "intent_refunds") else 8, column)
        return [f"inbox {outcome.said['done'] if outcome.said and 'done' in outcome.said else outcome.said}"]

    def _run(self, job_id: int, name: str, args: Any, attempts: int, *, fault: str) -> str:
        arguments = args if isinstance(args, dict) else json.loads(args)
        function = cast("Callable[..., None]", app.tasks[name].func)
        number = 11 if name == "payments.cancel_intent" else 12
        outcome = self.striker.run(lambda: attempt(lambda: function(**arguments)), fault)
        self.points = outcome.points or self.points
        if outcome.struck:
            if number == 12 and outcome.after_call:
                number = 13
            for column in columns(fault, outcome):
                self.coverage.visit(number, column)
        if outcome.said is None:
            return f"{name} died"
        if "done" in outcome.said:
            self.world.admin.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
        elif attempts + 1 >= MOST_TRIES:
            self.world.admin.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id])
        else:
            again_at = self.world.clock.at + timedelta(seconds=1 + 2 ** (attempts + 1))
            self.world.admin.execute(_AGAIN, [again_at, job_id])
        return f"{name} {'done' if 'done' in outcome.said else outcome.said['refused']}"

    def sweep(self, how: str, fault: str) -> tuple[str, Outcome | None]:
        """Run one schedule, or the rescue of jobs whose process died."""
        if how == "rescue":
            self.world.admin.execute(_RESCUE)
            return "rescued", None
        function = cast("Callable[..., None]", app.tasks[SWEEPS[how]].func)
        outcome = self.striker.run(lambda: attempt(lambda: function(timestamp=0)), fault)
        return f"{how}: {outcome.said}", outcome

    def has_work(self) -> bool:
        """Say whether a job, a message or a refund still waits."""
        row = self.world.admin.execute(_OPEN).fetchone()
        return bool(row and row[0])

    def sweep_all(self, *, mail: bool) -> None:
        """Let every schedule run whose time has come since it last did, and rescue what died.

        `mail`: also those that send letters, which nothing waits for; in every turn they took a third of a run's time.
        """
        self.world.admin.execute(_RESCUE)
        at = self.world.clock.at
        for periodic in app.periodic_registry.periodic_tasks.values():
            name = periodic.task.name
            due_at = croniter(periodic.cron, self._ran_at.setdefault(name, at - JUST_BEFORE)).get_next(datetime)
            if name.startswith(_LETTERS) and not mail:
                continue
            if due_at <= at and not name.startswith("core."):
                self._ran_at[name] = at
                function = cast("Callable[..., None]", periodic.task.func)
                attempt(partial(function, timestamp=0))


def columns(fault: str, outcome: Outcome) -> list[str]:
    """Name the matrix's columns that a fault which struck belongs to."""
    kind, *words = fault.split(":")
    named: dict[str, Sequence[str]] = {
        "crash": [f"crash_{outcome.point}"],
        "stripe": [":".join(words)],
        "sql": words[:1],
        "commit": [f"commit_{words[0]}"] if words else [],
    }
    return list(named.get(kind, ()))
