"""Bringing every stored ciphertext under the primary key, while the shop goes on (DB-08, docs/keys.md).

A ciphertext says by its first characters which key made it, so what is left to do is always found by looking: a run
that died is simply started again. Each value is replaced only if it is still the one that was read; whoever wrote
meanwhile has written by the primary key already.
"""

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, models
from psycopg import sql

from codepop.core.db import transaction
from codepop.core.encryption import MARK_LENGTH, CannotDecrypt, EncryptedTextField, SearchableEncryptedField, cipher
from codepop.core.errors import Busy
from codepop.core.sessions import SessionStore

BATCH: Final = 100
"""Rows locked at once: a customer who waits for one of them waits for milliseconds."""
TRIES: Final = 10

_SEALED: Final = f"{{column}} LIKE 'e1:%%' AND left({{column}}, {MARK_LENGTH}) <> "


@dataclass(frozen=True)
class Column:
    """A column that holds ciphertexts, read and written as text.

    `reseal` gives the same value under the primary key, or None when it is already; raises CannotDecrypt.
    """

    table: str
    key: str
    name: str
    reseal: Callable[[str], str | None]
    candidates: str = "TRUE"
    """SQL condition on {column}, with the marks of the primary keys as %(random)s and %(fixed)s."""
    kind: str = "text"

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True)
class Result:
    """How many values of a column were replaced, and how many could not be: a person must look at these."""

    replaced: int
    stuck: int


# --- where ciphertexts are --------------------------------------------------------------------------------------------


def columns() -> list[Column]:
    """Return every column with ciphertexts: encrypted fields, sessions, and JSON that holds some (SEALED_JSON)."""
    found = [_field_column(model, field) for model, field in encrypted_fields()]
    found.append(Column(Session._meta.db_table, "session_key", "session_data", _reseal_session))
    for label, (name, purpose) in settings.SEALED_JSON.items():
        meta = apps.get_model(label)._meta
        sealed = "{column}::text LIKE '%%e1:%%'"
        found.append(Column(meta.db_table, _key(meta), name, _json_resealer(purpose), sealed, "jsonb"))
    return found


def encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField | SearchableEncryptedField]]:
    """Yield every encrypted field of every table."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField | SearchableEncryptedField):
                yield model, field


def _key(meta: Any) -> str:
    return str(meta.pk.column)


def _field_column(model: type[models.Model], field: EncryptedTextField | SearchableEncryptedField) -> Column:
    meta = model._meta
    if isinstance(field, SearchableEncryptedField):
        reseal, mark = _fixed_resealer(field.purpose), "%(fixed)s"
    else:
        reseal, mark = _random_resealer(field.sealing_purpose()), "%(random)s"
    return Column(meta.db_table, _key(meta), str(field.column), reseal, _SEALED + mark)


def _random_resealer(purpose: str) -> Callable[[str], str | None]:
    def reseal(sealed: str) -> str | None:
        held = cipher()
        if sealed.startswith(held.mark):
            return None
        return held.seal(held.open(sealed, purpose=purpose), purpose=purpose)

    return reseal


def _fixed_resealer(purpose: str) -> Callable[[str], str | None]:
    def reseal(fixed: str) -> str | None:
        held = cipher()
        if fixed.startswith(held.fixed_mark):
            return None
        return held.fix(held.unfix(fixed, purpose=purpose), purpose=purpose)

    return reseal


def _json_resealer(purpose: str) -> Callable[[str], str | None]:
    one = _random_resealer(purpose)

    def walk(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("e1:"):
            return one(value) or value
        if isinstance(value, Mapping):
            return {key: walk(inner) for key, inner in value.items()}
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    def reseal(text: str) -> str | None:
        value = json.loads(text)
        fresh = walk(value)
        return None if fresh == value else json.dumps(fresh)

    return reseal


def _reseal_session(data: str) -> str | None:
    """Sign the session anew when its sealed text is of another key; one that nobody can read is left to expire."""
    body = data.split(":", 1)[0]
    packed = body.removeprefix(".")
    try:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        sealed = (zlib.decompress(raw) if body.startswith(".") else raw).decode("ascii")
    except (ValueError, zlib.error):
        return None
    if sealed.startswith(cipher().mark):
        return None
    store = SessionStore()
    content = store.decode(data)
    return str(store.encode(content)) if content else None


# --- replacing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    key: Any
    old: str
    new: str


def reseal(column: Column, *, batch: int = BATCH) -> Result:
    """Replace what another key made, a batch at a time; may be stopped and begun again, and run beside all else."""
    replaced = stuck = 0
    for rows in _batches(column, batch):
        changes, unreadable = _changes(column, rows)
        done = _write(column, changes)
        replaced, stuck = replaced + done.replaced, stuck + unreadable + done.stuck
    return Result(replaced, stuck)


def left_to_reseal(column: Column) -> int:
    """Count the values that still need another key than the primary one, or that no key can read."""
    left = 0
    for rows in _batches(column, 1000):
        changes, unreadable = _changes(column, rows)
        left += len(changes) + unreadable
    return left


def _batches(column: Column, size: int) -> Iterator[Sequence[tuple[Any, str]]]:
    last: Any = None
    while rows := _read(column, after=last, limit=size):
        yield rows
        last = rows[-1][0]


def _read(column: Column, *, after: Any, limit: int) -> list[tuple[Any, str]]:
    key = sql.Identifier(column.key)
    query = sql.SQL("SELECT {key}, {name}::text FROM {table} WHERE {name} IS NOT NULL AND {which}{after}").format(
        key=key,
        name=sql.Identifier(column.name),
        table=sql.Identifier(column.table),
        which=sql.SQL(column.candidates.replace("{column}", f'"{column.name}"')),
        after=sql.SQL("") if after is None else sql.SQL(" AND {} > %(after)s").format(key),
    )
    query += sql.SQL(" ORDER BY {} LIMIT %(limit)s").format(key)
    held = cipher()
    values = {"random": held.mark, "fixed": held.fixed_mark, "after": after, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [(pk, text) for pk, text in cursor.fetchall()]


def _changes(column: Column, rows: Sequence[tuple[Any, str]]) -> tuple[list[_Change], int]:
    changes, unreadable = [], 0
    for key, old in rows:
        try:
            new = column.reseal(old)
        except CannotDecrypt:
            unreadable += 1
            continue
        if new is not None:
            changes.append(_Change(key, old, new))
    return changes, unreadable


def _write(column: Column, changes: Sequence[_Change]) -> Result:
    """Write a batch in one commit; when one value is refused, each by itself."""
    if not changes:
        return Result(0, 0)
    try:
        return Result(_commit(column, changes), 0)
    except IntegrityError:
        # Two rows of one address, made by two keys: the database could not see it then, a person must choose now.
        if len(changes) == 1:
            return Result(0, 1)
        alone = [_write(column, [change]) for change in changes]
        return Result(sum(one.replaced for one in alone), sum(one.stuck for one in alone))


def _commit(column: Column, changes: Sequence[_Change]) -> int:
    query = sql.SQL("UPDATE {table} SET {name} = %s::{kind} WHERE {key} = %s AND {name}::text = %s").format(
        table=sql.Identifier(column.table),
        name=sql.Identifier(column.name),
        key=sql.Identifier(column.key),
        kind=sql.SQL(column.kind),
    )
    for attempt in range(1, TRIES + 1):
        try:
            with transaction(), connection.cursor() as cursor:
                cursor.executemany(query, [(change.new, change.key, change.old) for change in changes])
                return int(cursor.rowcount)
        except Busy:
            # Somebody holds one of the rows for long, or waits for us in a ring: nothing was changed.
            if attempt == TRIES:
                raise
    raise AssertionError
