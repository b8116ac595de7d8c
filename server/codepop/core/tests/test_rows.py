"""Rows read and written by plain SQL are the very rows that the ORM reads and writes."""

from datetime import datetime
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.db.models import CharField, DateTimeField, ForeignKey, UUIDField

from codepop.core import rows
from codepop.core.db import TransactionMissing, transaction
from codepop.core.models import IdempotencyKey, InboxMessage
from codepop.kit.clock import now
from codepop.kit.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


def _key(name: str = "key-1") -> IdempotencyKey:
    return IdempotencyKey(caller="guest", key=name, fingerprint=b"\x01" * 32, status=200, answer='{"secret": 1}')


def test_an_inserted_row_is_what_the_orm_reads_and_gets_what_the_database_fills_in() -> None:
    made = _key()
    rows.insert(made)
    read = IdempotencyKey.objects.get()
    assert made.pk == read.pk
    assert made.created_at == read.created_at
    assert (read.caller, read.key, bytes(read.fingerprint), read.status) == ("guest", "key-1", b"\x01" * 32, 200)
    assert read.answer == made.answer
    assert not made._state.adding
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM core_idempotencykey")
        assert "secret" not in cursor.fetchone()[0]


def test_several_rows_are_one_statement_and_each_gets_its_own_key() -> None:
    made = [_key(f"key-{number}") for number in range(3)]
    rows.insert(*made)
    read = dict(IdempotencyKey.objects.values_list("key", "id"))
    assert read == {one.key: one.pk for one in made}


def test_a_found_row_is_converted_like_the_orms_own() -> None:
    _key().save()
    found = rows.find(IdempotencyKey, caller="guest", key="key-1")
    assert found is not None
    read = IdempotencyKey.objects.get()
    assert [getattr(found, f.attname) for f in read._meta.concrete_fields] == [
        getattr(read, f.attname) for f in read._meta.concrete_fields
    ]
    assert rows.find(IdempotencyKey, caller="guest", key="another") is None


def test_a_lock_needs_a_transaction_and_holds_the_row() -> None:
    _key().save()
    with pytest.raises(TransactionMissing):
        rows.find(IdempotencyKey, lock=True, key="key-1")
    with transaction():
        assert rows.find(IdempotencyKey, lock=True, key="key-1") is not None
        with connection.cursor() as cursor:
            cursor.execute("SELECT mode FROM pg_locks WHERE relation = 'core_idempotencykey'::regclass AND granted")
            assert "RowShareLock" in {mode for (mode,) in cursor.fetchall()}


def test_an_update_writes_the_named_fields_only_and_misses_no_row_in_silence() -> None:
    made = _key()
    rows.insert(made)
    made.status, made.caller = 201, "somebody else"
    rows.update(made, ["status"])
    read = IdempotencyKey.objects.get()
    assert (read.status, read.caller) == (201, "guest")
    read.delete()
    with pytest.raises(DatabaseError, match="is gone"):
        rows.update(made, ["status"])


def test_an_update_with_conditions_writes_only_while_they_hold() -> None:
    message = InboxMessage(provider="p", external_id="1", kind="k", subject="before")
    rows.insert(message)
    message.subject = "after"
    assert not rows.update_if(message, ["subject"], kind="other")
    assert not rows.update_if(message, ["subject"], kind="k", done_at=message.received_at)
    assert InboxMessage.objects.get().subject == "before"
    assert rows.update_if(message, ["subject"], kind="k", done_at=None)
    assert InboxMessage.objects.get().subject == "after"
    message.delete()
    message.pk = 1
    assert not rows.update_if(message, ["subject"], kind="k")


def test_rows_that_are_there_already_are_left_as_they_are() -> None:
    rows.insert(InboxMessage(provider="p", external_id="1", kind="first"))
    rows.insert_once(*(InboxMessage(provider="p", external_id=name, kind="second") for name in ("1", "2")))
    assert sorted(InboxMessage.objects.values_list("external_id", "kind")) == [("1", "first"), ("2", "second")]


def test_a_row_that_a_statement_returns_is_converted_like_a_found_one() -> None:
    rows.insert(_key())
    statement = (
        f"UPDATE core_idempotencykey SET status = 299 WHERE key = %(key)s RETURNING {rows.columns(IdempotencyKey)}"
    )
    changed = rows.returned(IdempotencyKey, statement, {"key": "key-1"})
    assert changed is not None
    assert (changed.status, changed.answer) == (299, '{"secret": 1}')
    assert rows.returned(IdempotencyKey, statement, {"key": "none"}) is None


def test_what_the_database_refuses_is_raised_as_by_the_orm() -> None:
    message = InboxMessage(provider="p", external_id="1", kind="k")
    rows.insert(message)
    with pytest.raises(DatabaseError, match="inbox_once_per_message"):
        rows.insert(InboxMessage(provider="p", external_id="1", kind="k"))


def test_what_passes_as_it_is_is_what_the_fields_own_methods_make() -> None:
    """The short way for plain values gives the database the same as the ORM's long one, for every model of ours."""
    at, key = now(), uuid7()
    samples = {bool: True, str: "text", datetime: at, UUID: key}
    fields = [
        (model, field)
        for model in apps.get_models()
        if model.__module__.startswith("codepop")
        for field in model._meta.concrete_fields
        if field.attname in rows._table(model).as_it_is
    ]
    assert {type(field) for _, field in fields} >= {CharField, DateTimeField, ForeignKey, UUIDField}
    for model, field in fields:
        sample = samples[rows._table(model).as_it_is[field.attname]]
        assert field.get_db_prep_save(sample, connection) is sample, field
        assert field.get_db_prep_save(None, connection) is None, field


def test_a_time_without_a_zone_goes_the_long_way_and_is_warned_of() -> None:
    message = InboxMessage(provider="p", external_id="1", kind="k", happened_at=now().replace(tzinfo=None))
    with pytest.raises(RuntimeWarning, match="naive datetime"):
        rows.insert(message)
