"""Transactions begin in one place, helpers insist on one, locks come in order and give up in time."""

import threading

import pytest
from django.db import connection

from codepop.core.db import TransactionMissing, lock, require_transaction, transaction, transaction_required
from codepop.core.errors import Busy
from codepop.core.http import NetworkInsideTransaction, refuse_in_transaction
from codepop.core.models import IdempotencyKey


@pytest.mark.req("DB-02")
@pytest.mark.django_db(transaction=True)
def test_a_transaction_refuses_to_be_nested() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction(), transaction():
        pass


@pytest.mark.django_db(transaction=True)
def test_helpers_refuse_to_run_outside_one() -> None:
    @transaction_required
    def helper() -> int:
        return 7

    with pytest.raises(TransactionMissing):
        helper()
    with pytest.raises(TransactionMissing):
        require_transaction()
    with transaction():
        assert helper() == 7


@pytest.mark.req("DEPLOY-06")
@pytest.mark.django_db(transaction=True)
def test_a_provider_is_not_called_inside_a_transaction() -> None:
    with pytest.raises(NetworkInsideTransaction), transaction():
        refuse_in_transaction()
    refuse_in_transaction()


@pytest.mark.req("DB-02")
@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_had_in_time_becomes_busy_and_changes_nothing() -> None:
    row = IdempotencyKey.objects.create(caller="guest", key="k" * 16, fingerprint=b"x")
    held, done = threading.Event(), threading.Event()

    def holder() -> None:
        try:
            with transaction():
                lock(IdempotencyKey.objects.filter(pk=row.pk))
                held.set()
                done.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=holder)
    thread.start()
    assert held.wait(5)

    def impatient() -> None:
        with transaction():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
            lock(IdempotencyKey.objects.filter(pk=row.pk))

    try:
        with pytest.raises(Busy):
            impatient()
    finally:
        done.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_lock_returns_rows_by_primary_key() -> None:
    for n in range(5):
        IdempotencyKey.objects.create(caller="guest", key=f"{n}" * 16, fingerprint=b"x")
    with transaction():
        rows = lock(IdempotencyKey.objects.order_by("-key"))
    assert [r.pk for r in rows] == sorted(r.pk for r in rows)
    with pytest.raises(TransactionMissing):
        lock(IdempotencyKey.objects.all())
