"""Whole rows by key, for what every order does: the ORM's models, by statements that are put together once.

The ORM builds the text of such a statement anew each time, which costs several times what sending it does: a third of a
checkout's processor time (docs/decisions/0014). Only a few shapes are here, all without joins; anything else
is the ORM's. Fields convert as they do there; signals are not sent, and nothing here listens to any.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models import BooleanField, CharField, DateTimeField, Field, ForeignKey, Model, TextField, UUIDField
from django.db.models.expressions import DatabaseDefault

from codepop.core.db import require_transaction
from codepop.core.statements import fetch, fetch_one, run

M = TypeVar("M", bound=Model)
AnyField: TypeAlias = "Field[Any, Any]"  # generic only in the stubs

_AS_IT_IS: Final[dict[type[AnyField], type]] = {
    BooleanField: bool,
    CharField: str,
    DateTimeField: datetime,
    TextField: str,
    UUIDField: UUID,
}
"""Fields of which PostgreSQL gets a value of this very type, or None, as it is: Django's way to that answer is long."""


@dataclass(frozen=True)
class _Table:
    name: str
    key: AnyField
    fields: Sequence[AnyField]
    by_name: Mapping[str, AnyField]
    names: Sequence[str]
    columns: str
    converters: Sequence[tuple[int, Any]]
    as_it_is: Mapping[str, type]


@functools.cache
def _table(model: type[Model]) -> _Table:
    fields = model._meta.concrete_fields
    converters = [(n, convert) for n, field in enumerate(fields) for convert in field.get_db_converters(connection)]
    by_name = {name: field for field in fields for name in (field.name, field.attname)}
    names = [field.attname for field in fields]
    columns = ", ".join(_quoted(field) for field in fields)
    as_it_is = {field.attname: _AS_IT_IS[kind] for field in fields if (kind := _kind(field)) in _AS_IT_IS}
    key = by_name[str(model._meta.pk.name)]
    return _Table(f'"{model._meta.db_table}"', key, fields, by_name, names, columns, converters, as_it_is)


def _kind(field: AnyField) -> type[AnyField]:
    return _kind(field.target_field) if type(field) is ForeignKey else type(field)


def _quoted(field: AnyField) -> str:
    return f'"{field.column}"'


def find(model: type[M], *, lock: bool = False, **equal: Any) -> M | None:
    """Return the row whose fields equal these values, or None; they must name one row.

    `lock` takes it FOR NO KEY UPDATE, so that rows which merely point at it are not blocked, and needs a transaction.
    """
    if lock:
        require_transaction()
    table = _table(model)
    values = [table.by_name[name].get_db_prep_value(value, connection) for name, value in equal.items()]
    row = fetch_one(_select(model, tuple(equal), lock), values)
    return _read(model, row) if row else None


def columns(model: type[Model]) -> str:
    """Return the columns of a model by name, for a statement that `returned` runs.

    By name, since a statement that the server has prepared must not change its shape when a column is added.
    """
    return _table(model).columns


def returned(model: type[M], statement: str, parameters: Mapping[str, Any]) -> M | None:
    """Run a statement that returns `columns(model)` of one row, or of none."""
    row = fetch_one(statement, parameters)
    return _read(model, row) if row else None


def _read(model: type[M], row: Sequence[Any]) -> M:
    table, values = _table(model), list(row)
    for number, convert in table.converters:
        values[number] = convert(values[number], None, connection)
    return model.from_db("default", table.names, values)


@functools.cache
def _select(model: type[Model], names: tuple[str, ...], lock: bool) -> str:
    table = _table(model)
    wanted = " AND ".join(f"{_quoted(table.by_name[name])} = %s" for name in names)
    return f"SELECT {table.columns} FROM {table.name} WHERE {wanted}{' FOR NO KEY UPDATE' if lock else ''}"


def insert(*rows: Model) -> None:
    """Insert new rows of one model in one statement; what the database fills in is read back into them."""
    table, filled = _table(type(rows[0])), _filled(rows[0])
    statement, values = _insert(type(rows[0]), filled, len(rows)), _values(rows, filled)
    answers = fetch(statement, values)
    read_back = [field.attname for field in table.fields if field.attname in filled]
    for row, answer in zip(rows, answers, strict=False):
        for name, value in zip(read_back, answer, strict=True):
            setattr(row, name, value)
    for row in rows:
        row._state.adding, row._state.db = False, "default"


def insert_once(*rows: Model) -> None:
    """Insert those rows of one model that meet no unique key; nothing is read back, so they must know their own."""
    filled = _filled(rows[0])
    run(_insert(type(rows[0]), filled, len(rows), once=True), _values(rows, filled))


def _filled(row: Model) -> frozenset[str]:
    return frozenset(field.attname for field in _table(type(row)).fields if _left_to_database(row, field))


def _values(rows: Sequence[Model], filled: frozenset[str]) -> list[Any]:
    given = [field for field in _table(type(rows[0])).fields if field.attname not in filled]
    return [_stored(row, field, add=True) for row in rows for field in given]


def _stored(row: Model, field: AnyField, *, add: bool) -> Any:
    """Return what the database gets for a field, as the field's own methods make it."""
    value = field.pre_save(row, add=add)
    passes = _table(type(row)).as_it_is.get(field.attname)
    if passes and (value is None or (type(value) is passes and getattr(value, "tzinfo", True))):
        return value
    return field.get_db_prep_save(value, connection)


def _left_to_database(row: Model, field: AnyField) -> bool:
    value = getattr(row, field.attname)
    return isinstance(value, DatabaseDefault) or (value is None and field.primary_key)


@functools.cache
def _insert(model: type[Model], filled: frozenset[str], rows: int, *, once: bool = False) -> str:
    table = _table(model)
    given = [field for field in table.fields if field.attname not in filled]
    back = ", ".join(_quoted(field) for field in table.fields if field.attname in filled)
    places = ", ".join([f"({', '.join(['%s'] * len(given))})"] * rows)
    columns = ", ".join(_quoted(field) for field in given)
    end = " ON CONFLICT DO NOTHING" if once else f" RETURNING {back}" if back else ""
    return f"INSERT INTO {table.name} ({columns}) VALUES {places}{end}"


def update(row: Model, fields: Iterable[str]) -> None:
    """Write these fields of an existing row. Raises DatabaseError when it is not there any more."""
    if not update_if(row, fields):
        raise DatabaseError(f"the row of {_table(type(row)).name} is gone")


def update_if(row: Model, fields: Iterable[str], **still: Any) -> bool:
    """Write these fields of a row, if it is there and has these values still (None for NULL); else nothing: False."""
    table, names = _table(type(row)), tuple(sorted(fields))
    changed = [table.by_name[name] for name in names]
    values = [_stored(row, field, add=False) for field in changed]
    values.append(table.key.get_db_prep_value(row.pk, connection))
    known = {table.by_name[name]: value for name, value in still.items() if value is not None}
    values += [field.get_db_prep_value(value, connection) for field, value in known.items()]
    conditions = tuple((name, value is None) for name, value in still.items())
    return run(_update(type(row), names, conditions), values) == 1


@functools.cache
def _update(model: type[Model], names: tuple[str, ...], still: tuple[tuple[str, bool], ...]) -> str:
    table = _table(model)
    changes = ", ".join(f"{_quoted(table.by_name[name])} = %s" for name in names)
    conditions = [f"{_quoted(table.by_name[name])} {'IS NULL' if null else '= %s'}" for name, null in still]
    return f"UPDATE {table.name} SET {changes} WHERE {' AND '.join([f'{_quoted(table.key)} = %s', *conditions])}"
