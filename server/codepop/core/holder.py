"""What the ground itself keeps that leads to a person: answers kept for retries, jobs that name an account."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from codepop.core.idempotency import KEYS_KEPT, forget_keys
from codepop.core.models import IdempotencyKey, InboxMessage, InboxState
from codepop.core.personal import DataClass, Holder, Person, Place, Retention, mentions
from codepop.core.sessions import forget_sessions

INBOX_KEPT = timedelta(days=90)
"""Stripe tries to deliver a message for three days; disputes come months later, in messages of their own."""


def _keys(person: Person) -> Iterable[Any]:
    if person.user_id is None:
        return []
    return list(IdempotencyKey.objects.filter(caller=f"user:{person.user_id}"))


def _jobs(person: Person) -> Iterable[Any]:
    """Return the jobs whose arguments name the account, or an address (which no job may)."""
    words = person.words
    if not words:
        return []
    named = ProcrastinateJob.objects.extra(  # the arguments are JSON: compared as text
        where=[" OR ".join(["lower(args::text) LIKE %s"] * len(words))],
        params=[f"%{word.lower()}%" for word in words],
    )
    return [job for job in named if mentions(json.dumps(job.args), words)]


def _erase(person: Person) -> None:
    IdempotencyKey.objects.filter(id__in=[row.id for row in _keys(person)]).delete()
    # A job that runs at this moment is left to its worker; finished and waiting ones have nobody to work for any more.
    gone = [job.id for job in _jobs(person) if job.status != "doing"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [gone])


def _cut_inbox(before: datetime) -> int:
    done = InboxMessage.objects.filter(state__in=[InboxState.DONE, InboxState.IGNORED])
    return done.filter(received_at__lt=before).delete()[0]


HOLDER = Holder(
    feature="core",
    places=[
        Place(
            "core.IdempotencyKey",
            "Answers kept for repeated requests",
            DataClass.TECHNICAL,
            ["created_at", "status"],
            _keys,
            links=["caller", "answer"],
        ),
        Place("procrastinate.ProcrastinateJob", "Jobs", DataClass.TECHNICAL, ["task_name", "status"], _jobs),
    ],
    erase=_erase,
    retention=[
        Retention("sessions", DataClass.SESSION, timedelta(0), forget_sessions),
        Retention("answers to repeated requests", DataClass.TECHNICAL, KEYS_KEPT, forget_keys),
        Retention("providers' messages", DataClass.PAYMENT, INBOX_KEPT, _cut_inbox),
    ],
)
