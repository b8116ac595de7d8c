"""One key, one effect, one answer: alone, repeated, with another payload, and by many at once."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from codepop.core.db import transaction
from codepop.core.errors import AppError, InvalidInput
from codepop.core.idempotency import (
    Answer,
    IdempotentCall,
    KeyInUse,
    KeyMissing,
    KeyReused,
    idempotent_call,
    run_once,
)
from codepop.core.models import IdempotencyKey, InboxMessage

CALL = IdempotentCall(caller="guest", key="0123456789abcdef", fingerprint=b"a" * 32)
OTHER = IdempotentCall(caller="guest", key="0123456789abcdef", fingerprint=b"b" * 32)


def _do(call: IdempotentCall) -> Answer:
    """A command as features write them: its effect is one inbox row, its answer names that row."""
    with transaction():
        if stored := call.replay():
            return stored
        row = InboxMessage.objects.create(provider="test", external_id=str(InboxMessage.objects.count()), kind="t")
        return call.keep(201, {"row": row.pk, "token": "shown-once"})


@pytest.mark.req("PAY-15")
@pytest.mark.django_db(transaction=True)
def test_same_key_and_payload_replays_the_answer_without_a_second_effect() -> None:
    assert _do(CALL) == _do(CALL)
    assert InboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_same_key_with_another_payload_is_refused_and_changes_nothing() -> None:
    _do(CALL)
    with pytest.raises(KeyReused):
        _do(OTHER)
    assert InboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_another_callers_same_key_is_another_key() -> None:
    first = _do(CALL)
    second = _do(IdempotentCall(caller="user:1", key=CALL.key, fingerprint=CALL.fingerprint))
    assert first != second


@pytest.mark.req("SEC-12")
@pytest.mark.django_db(transaction=True)
def test_the_stored_answer_is_ciphertext() -> None:
    _do(CALL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM core_idempotencykey")
        stored = cursor.fetchone()[0]
    assert "shown-once" not in stored
    assert stored.startswith("e1:")


@pytest.mark.req("PAY-15")
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_have_one_effect_and_one_answer() -> None:
    answers: list[Any] = []
    start = threading.Barrier(50)

    def go() -> None:
        try:
            start.wait(20)
            answers.append(_do(CALL))
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    assert all(answer == answers[0] for answer in answers)
    assert InboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_not_kept() -> None:
    def refuse() -> Answer:
        raise AppError("closed")

    with pytest.raises(AppError):
        run_once(CALL, refuse)
    assert not IdempotencyKey.objects.exists()
    assert run_once(CALL, lambda: Answer(200, {"ok": True})).body == {"ok": True}
    assert run_once(CALL, lambda: Answer(200, {"ok": False})).body == {"ok": True}


@pytest.mark.django_db(transaction=True)
def test_a_running_call_is_a_conflict_until_its_limit_has_passed() -> None:
    def again() -> Answer:
        with pytest.raises(KeyInUse):
            run_once(CALL, lambda: Answer(200, {}))
        return Answer(200, {"once": True})

    assert run_once(CALL, again).body == {"once": True}
    IdempotencyKey.objects.update(status=0, created_at="2026-01-01T00:00:00Z")
    assert run_once(CALL, lambda: Answer(200, {"taken": "over"})).body == {"taken": "over"}


@pytest.mark.parametrize(("headers", "error"), [({}, KeyMissing), ({"Idempotency-Key": "short"}, InvalidInput)])
def test_the_header_is_demanded_and_checked(headers: dict[str, str], error: type[AppError]) -> None:
    request = RequestFactory().post("/x", data=b"{}", content_type="application/json", headers=headers)
    with pytest.raises(error):
        idempotent_call(request, caller="guest")


def test_the_fingerprint_covers_method_path_and_body() -> None:
    def call(path: str, body: bytes) -> bytes:
        request = RequestFactory().post(
            path, body, content_type="application/json", headers={"Idempotency-Key": "k" * 20}
        )
        return idempotent_call(request, caller="guest").fingerprint

    assert call("/a", b"1") == call("/a", b"1")
    assert len({call("/a", b"1"), call("/a", b"2"), call("/b", b"1")}) == 3


@pytest.mark.req("PAY-15")
@pytest.mark.django_db(transaction=True)
def test_refusals_at_the_same_moment_are_refusals_or_in_use_and_nothing_else() -> None:
    seen: list[type[BaseException]] = []
    start = threading.Barrier(6)

    def refuse() -> Answer:
        raise InvalidInput

    def tap() -> None:
        start.wait()
        for _ in range(25):
            try:
                run_once(CALL, refuse)
            except Exception as error:
                seen.append(type(error))
        connection.close()

    threads = [threading.Thread(target=tap) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 150
    assert set(seen) <= {InvalidInput, KeyInUse}
