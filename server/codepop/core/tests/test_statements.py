"""A statement on the kept cursor behaves as one on a cursor of Django's: rows, errors, listeners, transactions."""

from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection
from django.db import transaction as django_transaction
from django.db.transaction import TransactionManagementError

from codepop.core.db import transaction
from codepop.core.models import InboxMessage
from codepop.core.statements import fetch, fetch_one, run

pytestmark = pytest.mark.django_db(transaction=True)

_INSERT = """
    INSERT INTO core_inboxmessage (provider, external_id, kind, subject, state, attempts, note)
    VALUES ('p', %s, 'k', 's', 'new', 0, '')
"""


def test_rows_and_counts_are_those_of_the_statement() -> None:
    assert fetch("SELECT n, n * %s FROM generate_series(1, 3) AS n", [2]) == [(1, 2), (2, 4), (3, 6)]
    assert fetch("SELECT 1 WHERE %(no)s", {"no": False}) == []
    assert fetch_one("SELECT %s::text", ["first"]) == ("first",)
    assert fetch_one("SELECT 1 WHERE false") is None
    assert run(_INSERT, ["1"]) == 1
    assert run("UPDATE core_inboxmessage SET note = 'seen' WHERE external_id = %s", ["none"]) == 0
    assert fetch(_INSERT, ["2"]) == []
    assert fetch_one(_INSERT, ["3"]) is None


def test_an_answer_is_whole_before_the_next_statement_uses_the_cursor() -> None:
    first = fetch("SELECT n FROM generate_series(1, 100) AS n")
    assert fetch_one("SELECT 'other'") == ("other",)
    assert [n for (n,) in first] == list(range(1, 101))


def test_a_connection_keeps_one_cursor_and_a_new_connection_gets_another() -> None:
    kept = []
    for _ in range(2):
        fetch_one("SELECT 1")
        fetch_one("SELECT 2")
        kept.append(connection.connection.codepop_cursor)
        assert kept[-1].connection is connection.connection
        connection.close()
    assert kept[0] is not kept[1]


def test_errors_are_djangos_and_the_cursor_works_on() -> None:
    run(_INSERT, ["1"])
    with pytest.raises(IntegrityError, match="inbox_once_per_message"):
        run(_INSERT, ["1"])
    with pytest.raises(DataError):
        fetch("SELECT %s::int / 0", [1])
    assert fetch_one("SELECT 1") == (1,)


def test_what_is_sent_belongs_to_the_open_transaction() -> None:
    def fail_after_writing() -> None:
        with transaction():
            run(_INSERT, ["1"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    assert not InboxMessage.objects.exists()
    with transaction():
        run(_INSERT, ["1"])
    assert InboxMessage.objects.count() == 1


def test_a_broken_transaction_refuses_as_ever() -> None:
    with django_transaction.atomic():
        django_transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch_one("SELECT 1")


def test_whoever_listens_hears_the_statement() -> None:
    heard = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        heard.append((sql, params))
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(listen):
        assert fetch_one("SELECT %s::int", [7]) == (7,)
    fetch_one("SELECT 8")
    assert heard == [("SELECT %s::int", [7])]
