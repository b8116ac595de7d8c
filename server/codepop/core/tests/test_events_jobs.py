"""An event and the jobs it makes commit with the data, or leave nothing."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from codepop.core import events
from codepop.core.db import TransactionMissing, transaction
from codepop.core.errors import Busy
from codepop.core.events import After, Event, Inside, publish
from codepop.core.jobs import defer, defer_once

pytestmark = pytest.mark.usefixtures("empty_queue")


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    number: int


HEARD: list[Event] = []
WIRING = {Happened: [Inside(HEARD.append), After("test.job")]}


class Rollback(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_a_job_lives_and_dies_with_its_transaction() -> None:
    def failing() -> None:
        with transaction():
            defer("test.job", number=1)
            raise Rollback

    with pytest.raises(Rollback):
        failing()
    assert not ProcrastinateJob.objects.filter(task_name="test.job").exists()


@pytest.mark.django_db(transaction=True)
@override_settings(EVENT_WIRING=f"{__name__}.WIRING")
def test_an_event_runs_inside_handlers_at_once_and_adds_jobs_for_the_others() -> None:
    events._wiring.cache_clear()
    HEARD.clear()
    try:
        with pytest.raises(TransactionMissing):
            publish(Happened(number=7))
        with transaction():
            publish(Happened(number=7))
    finally:
        events._wiring.cache_clear()
    assert [Happened(number=7)] == HEARD
    assert ProcrastinateJob.objects.get(task_name="test.job").args == {"number": 7}


@pytest.mark.django_db(transaction=True)
def test_an_event_nobody_wired_is_an_error_not_silence() -> None:
    with pytest.raises(KeyError), transaction():
        publish(Happened(number=7))


@pytest.mark.req("PAY-16")
@pytest.mark.django_db(transaction=True)
def test_a_sweep_adds_no_job_beside_one_that_runs_which_then_can_wait_for_its_next_try() -> None:
    def turn(status: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status", [status])

    assert defer_once("test.job", key="one", number=1)
    for status in ("todo", "doing", "todo", "doing"):  # as its tries go
        turn(status)
        assert not defer_once("test.job", key="one", number=1)
    assert defer_once("test.job", key="other", number=2)
    turn("succeeded")
    assert defer_once("test.job", key="one", number=1)
    assert ProcrastinateJob.objects.count() == 3


@pytest.mark.req("DB-02")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("add", [lambda: _in_transaction(defer, "test.job"), lambda: defer_once("test.job", key="k")])
def test_a_job_that_has_to_wait_too_long_for_others_is_busy_and_no_bug(add: Callable[[], object]) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE procrastinate_jobs IN EXCLUSIVE MODE")
                held.set()
                done.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(Busy):
            add()
    finally:
        done.set()
        thread.join()
        connection.close()


def _in_transaction(function: Callable[..., object], *arguments: object) -> None:
    with transaction():
        function(*arguments)
