"""The SQL of one checkout, statement by statement with its parameters and answers: for counting and for the floor.

The site runs in this very process, as a WSGI application that is asked the same four questions, and Django's own hook
sees every statement. The real worker is held still for that moment and the webhook is delivered by us, so that each
statement is seen once, here.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import django
from django.db import connection
from django.test import Client as SiteClient
from django.utils.module_loading import import_string

from bench._checkout import Basket, CheckoutFailed
from bench._provider import WEBHOOK_PATH, Provider

Json = dict[str, Any]


@dataclass(frozen=True)
class Statement:
    """One statement as it was sent; those of one transaction carry its number, others None."""

    sql: str
    parameters: Any
    transaction: int | None


@dataclass
class Recording:
    """A checkout's statements by step, and what tells this checkout from every other one."""

    steps: dict[str, list[Statement]] = field(default_factory=dict)
    started_ms: int = 0
    """Unix time in milliseconds: UUIDs (version 7) that are younger were made for this checkout."""
    texts: list[str] = field(default_factory=list)
    """Names that only this checkout has: idempotency key, intent, charge, event."""
    message_id: int = 0

    def count(self, *names: str) -> int:
        """Return how many statements the named steps (all when none is named) sent, without BEGIN and COMMIT."""
        return sum(len(statements) for name, statements in self.steps.items() if not names or name in names)


@contextmanager
def held_still(pid: int) -> Iterator[None]:
    """Stop a process group for a moment, and let it go on whatever happens."""
    group = os.getpgid(pid)
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


class Recorder:
    """Records one checkout. Needs the system's own environment (DATABASE_URL, CODEPOP_DATA and so on)."""

    def __init__(self, *, sandbox_url: str, webhook_secret: str) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        # Only now, since the product's modules can't be imported before Django is set up.
        self._claim = import_string("codepop.core.inbox.claim")
        self._work_on = import_string("codepop.core.inbox.work_on")
        self._site = SiteClient(headers={"host": "127.0.0.1"})
        self._provider = Provider(sandbox_url, webhook_secret)
        self.recording = Recording()
        self._commits = 0

    def record(self, basket: Basket, *, pay: Callable[[str], None], worker_pid: int) -> Recording:
        """Do a checkout, twice: the first one warms what a running process has in memory. Raises CheckoutFailed."""
        for _ in range(2):
            self.recording = Recording()
            with held_still(worker_pid), self._provider.webhooks_lost():
                self.recording.started_ms = time.time_ns() // 1_000_000
                self._checkout(basket, pay)
        return self.recording

    def _checkout(self, basket: Basket, pay: Callable[[str], None]) -> None:
        key = {"Idempotency-Key": f"record-{time.time_ns()}"}
        self.recording.texts.append(key["Idempotency-Key"])
        with self._seen("quote"):
            quote = self._post("/quotes", {"store_id": basket.store_id, "lines": [basket.line]}, {})
        with self._seen("place"):
            wish = {"quote_id": quote["id"], "contact_email": "bench@customers.example"}
            placed = self._post("/orders", wish, key)
        headers = {"X-Order-Token": placed["order_token"], "Idempotency-Key": f"{key['Idempotency-Key']}-pay"}
        with self._seen("payment"):
            payment = self._post(f"/orders/{placed['order']['id']}/payment", {}, headers)
        pay(payment["client_secret"])
        self._deliver(payment["client_secret"].partition("_secret_")[0])

    def _deliver(self, intent_id: str) -> None:
        """Bring the webhook ourselves, then work on it as the worker would."""
        event = self._provider.paid_events([intent_id])[intent_id]
        self.recording.texts += [intent_id, event["id"], str(event["data"]["object"]["latest_charge"])]
        body = json.dumps(event).encode()
        headers = self._provider.signed(body)
        with self._seen("webhook"):
            answer = self._site.post(WEBHOOK_PATH, body, content_type="application/json", headers=headers)
        if answer.status_code != 200:
            raise CheckoutFailed(f"recording: the webhook answered {answer.status_code}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM core_inboxmessage WHERE external_id = %s", [event["id"]])
            (self.recording.message_id,) = cursor.fetchone()
        with self._seen("work"):
            self._work_on_inbox()
        connection.close()

    def _work_on_inbox(self) -> None:
        """Do what a worker's thread does when it is woken."""
        (claimed,) = self._claim(1)
        self._work_on(claimed)

    @contextmanager
    def _seen(self, step: str) -> Iterator[None]:
        statements = self.recording.steps.setdefault(step, [])

        def look(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
            inside = self._commits if connection.in_atomic_block else None
            statements.append(Statement(str(sql), parameters, inside))
            return execute(sql, parameters, many, context)

        with connection.execute_wrapper(look), self._commits_counted():
            yield

    @contextmanager
    def _commits_counted(self) -> Iterator[None]:
        """Count commits, so that two transactions that follow each other can be told apart."""
        commit = connection.commit

        def counted() -> None:
            self._commits += 1
            commit()

        connection.commit = counted  # type: ignore[method-assign]  # this one object, for this one moment
        try:
            yield
        finally:
            del connection.commit

    def _post(self, path: str, body: Json, headers: dict[str, str]) -> Json:
        answer = self._site.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)
        content: Json = answer.json()
        if answer.status_code >= 400:
            raise CheckoutFailed(f"recording: {path} answered {answer.status_code}: {content.get('error')}")
        return content
