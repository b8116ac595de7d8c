"""One statement out, its rows back: what every order needs, without a cursor made anew for each.

Django wraps a new cursor of the driver's around each statement, twice, which costs as much as sending it and reading
the answer does (docs/decisions/0014). Here a connection keeps one cursor for as long as it lives. Each function reads
its whole answer before it returns, so no two statements can share that cursor. Errors are Django's own, a broken
transaction refuses as ever, and whoever listens by `connection.execute_wrapper` or logs queries hears these too.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
Row: TypeAlias = tuple[Any, ...]

T = TypeVar("T")

_KEPT = "codepop_cursor"


def fetch(statement: str, parameters: Parameters = ()) -> list[Row]:
    """Return all rows of the answer; none when the statement returns nothing at all."""
    return _send(statement, parameters, _all)


def fetch_one(statement: str, parameters: Parameters = ()) -> Row | None:
    """Return the first row of the answer, None when it has none (or the statement returns nothing at all)."""
    return _send(statement, parameters, _first)


def run(statement: str, parameters: Parameters = ()) -> int:
    """Return how many rows the statement changed."""
    return _send(statement, parameters, _count)


def _all(cursor: Any) -> list[Row]:
    return list(cursor.fetchall()) if cursor.description else []


def _first(cursor: Any) -> Row | None:
    row: Row | None = cursor.fetchone() if cursor.description else None
    return row


def _count(cursor: Any) -> int:
    return int(cursor.rowcount)


def _send(statement: str, parameters: Parameters, read: Callable[[Any], T]) -> T:
    django = connections[DEFAULT_DB_ALIAS]
    if django.execute_wrappers or django.queries_logged:
        with django.cursor() as watched:
            watched.execute(statement, parameters)
            return read(watched)
    if django.connection is None:
        django.ensure_connection()
    django.validate_no_broken_transaction()
    with django.wrap_database_errors:
        cursor = _kept_cursor(django.connection)
        cursor.execute(statement, parameters)
        return read(cursor)


def _kept_cursor(connection: Any) -> Any:
    """Return the cursor that lies on the driver's connection; made at its first statement, gone with it."""
    cursor = getattr(connection, _KEPT, None)
    if cursor is None:
        cursor = connection.cursor()
        setattr(connection, _KEPT, cursor)
    return cursor
