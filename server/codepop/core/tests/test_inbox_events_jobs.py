"""What was accepted is in the database with the job that will do it; what was rolled back left nothing."""

from dataclasses import dataclass

import pytest
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from codepop.core import events
from codepop.core.db import TransactionMissing, transaction
from codepop.core.events import After, Event, Inside, publish
from codepop.core.inbox import Message, receive
from codepop.core.jobs import defer
from codepop.core.models import InboxMessage

pytestmark = pytest.mark.usefixtures("empty_queue")
MESSAGE = Message(provider="test", external_id="evt_1", kind="something.happened", subject="obj_1", happened_at=None)


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    number: int


HEARD: list[Event] = []
WIRING = {Happened: [Inside(HEARD.append), After("test.job")]}


class Rollback(Exception):
    pass


@pytest.mark.req("PAY-14")
@pytest.mark.django_db(transaction=True)
def test_a_message_becomes_one_row_and_one_job_however_often_it_comes() -> None:
    assert receive(MESSAGE, job="test.apply")
    assert not receive(MESSAGE, job="test.apply")
    row = InboxMessage.objects.get()
    job = ProcrastinateJob.objects.get(task_name="test.apply")
    assert job.args == {"message_id": row.pk}


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
