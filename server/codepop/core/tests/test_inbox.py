"""What a provider told us is one row, worked on by one worker at a time, until it is done or a person must look."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import override_settings

from codepop.core import inbox
from codepop.core.db import TransactionMissing, transaction
from codepop.core.inbox import CLAIM, LONGEST_WAIT, Message, TryLater, claim, close, drain, receive
from codepop.core.inbox_worker import InboxWorker
from codepop.core.models import InboxMessage, InboxState
from codepop.kit.clock import frozen, now
from tests.database_role import database_url

pytestmark = pytest.mark.django_db(transaction=True)

SEEN: list[list[str]] = []
ANSWERS: list[Callable[[], None]] = []
TOLD = threading.Event()


def take(messages: Sequence[InboxMessage]) -> None:
    """Note what is worked on, do what the test wants, and close."""
    SEEN.append([message.external_id for message in messages])
    if ANSWERS:
        ANSWERS.pop(0)()
    with transaction():
        close(messages, InboxState.DONE)
    TOLD.set()


HANDLERS = {"test": take}


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    inbox._handlers.cache_clear()
    SEEN.clear()
    ANSWERS.clear()
    TOLD.clear()
    with override_settings(INBOX_WIRING=f"{__name__}.HANDLERS"):
        yield
    inbox._handlers.cache_clear()


def _receive(number: int, subject: str = "") -> bool:
    return receive(
        Message(
            provider="test", external_id=f"evt_{number}", kind="k", subject=subject or str(number), happened_at=None
        )
    )


def _states() -> list[tuple[str, str]]:
    return list(InboxMessage.objects.order_by("id").values_list("external_id", "state"))


def _raise(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.req("PAY-14")
def test_a_message_is_one_row_and_is_worked_on_once_however_often_it_comes() -> None:
    assert _receive(1)
    assert not _receive(1)
    assert drain() == 1
    assert not _receive(1)
    assert drain() == 0
    assert SEEN == [["evt_1"]]
    row = InboxMessage.objects.get()
    assert (row.state, row.attempts, row.next_try_at) == (InboxState.DONE, 1, None)
    assert row.done_at is not None


@pytest.mark.req("PAY-14")
def test_messages_about_one_object_are_answered_by_one_look_oldest_first() -> None:
    for number, subject in ((1, "a"), (2, "b"), (3, "a")):
        _receive(number, subject)
    assert drain() == 3
    assert SEEN == [["evt_1", "evt_3"], ["evt_2"]]
    assert [state for _, state in _states()] == ["done"] * 3


@pytest.mark.req("PAY-14")
def test_a_worker_that_dies_leaves_its_messages_to_another_when_its_claim_runs_out() -> None:
    with frozen(datetime(2026, 7, 1, 12, tzinfo=UTC)) as clock:
        _receive(1)
        assert len(claim(8)) == 1
        assert drain() == 0
        clock.advance(seconds=CLAIM.total_seconds() - 1)
        assert drain() == 0
        clock.advance(seconds=1)
        assert drain() == 1
    assert _states() == [("evt_1", "done")]


def test_workers_at_once_share_the_messages_and_none_gets_one_twice() -> None:
    for number in range(40):
        _receive(number)
    barrier, claimed = threading.Barrier(4), list[str]()

    def work() -> None:
        barrier.wait()
        try:
            while found := claim(3):
                claimed.extend(message.external_id for one in found for message in one.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(f"evt_{number}" for number in range(40))


def test_a_provider_that_is_away_is_asked_again_after_as_long_as_the_message_has_waited() -> None:
    _receive(1)
    received = InboxMessage.objects.get().received_at
    waits = []
    with frozen(received) as clock:
        for _ in range(9):
            ANSWERS.append(_raise(TryLater("away")))
            assert drain() == 1
            message = InboxMessage.objects.get()
            assert (message.state, message.attempts) == (InboxState.NEW, 0)
            assert message.next_try_at is not None
            waits.append((message.next_try_at - now()).total_seconds())
            clock.advance(seconds=waits[-1])
        assert drain() == 1
    assert waits == [1, 1, 2, 4, 8, 16, 32, LONGEST_WAIT.total_seconds(), LONGEST_WAIT.total_seconds()]
    assert _states() == [("evt_1", "done")]


def test_what_becomes_due_while_others_are_worked_on_is_left_to_the_next_call() -> None:
    """Else a provider that is away, and slow to say so, is asked without end."""
    _receive(1)
    _receive(2)
    with frozen(now()) as clock:

        def slow() -> None:
            clock.advance(seconds=100)
            raise TryLater("away")

        ANSWERS.extend([slow] * 4)
        assert drain() == 2
        assert SEEN == [["evt_1"], ["evt_2"]]
        ANSWERS.clear()
        clock.advance(seconds=100)
        assert drain() == 2
    assert [state for _, state in _states()] == ["done", "done"]


def test_an_error_keeps_its_message_and_does_not_stop_the_others() -> None:
    _receive(1)
    _receive(2)
    ANSWERS.append(_raise(ValueError("a bug")))
    assert drain() == 2
    assert _states() == [("evt_1", "new"), ("evt_2", "done")]


def test_what_is_closed_stays_as_it_is() -> None:
    _receive(1)
    (late,) = claim(8)
    with frozen(now() + CLAIM):
        assert drain() == 1
    with transaction():
        close(late.messages, InboxState.QUARANTINED, "late")
    inbox.postpone(late.messages, until=now())
    row = InboxMessage.objects.get()
    assert (row.state, row.note, row.attempts, row.next_try_at) == (InboxState.DONE, "", 1, None)
    with pytest.raises(TransactionMissing):
        close(late.messages, InboxState.DONE)


def test_the_worker_hears_of_a_message_at_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codepop.core.inbox_worker.POLL_SECONDS", 3600)  # only the notice can wake it

    async def story() -> None:
        worker = InboxWorker()
        running = asyncio.create_task(worker.run(database_url()))
        try:
            for number in range(3):
                TOLD.clear()
                await asyncio.to_thread(_receive_in_thread, number)
                assert await asyncio.to_thread(TOLD.wait, 20)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert sorted(SEEN) == [["evt_0"], ["evt_1"], ["evt_2"]]
    assert {state for _, state in _states()} == {"done"}


def _receive_in_thread(number: int) -> None:
    try:
        _receive(number)
    finally:
        connection.close()


def test_a_worker_works_on_more_than_it_claims_at_once_and_then_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        _receive(number)
    monkeypatch.setattr("codepop.core.inbox_worker.POLL_SECONDS", 3600)

    async def story() -> None:
        running = asyncio.create_task(InboxWorker().run(database_url()))
        for _ in range(400):
            await asyncio.sleep(0.05)
            if len(SEEN) == 50:
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert sorted(one for (one,) in SEEN) == sorted(f"evt_{number}" for number in range(50))
    assert {state for _, state in _states()} == {"done"}
