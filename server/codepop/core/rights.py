"""What each database role may do, derived from the models and granted after every migration (DB-05).

The owner migrates and nothing else. The application's role reads and writes rows, but it can't change the schema, and
can't change or remove a row of an append-only table: such a table is known by its own trigger, so no list can forget
one. Why both: the trigger stops a mistake, the missing right stops somebody who switches triggers off for a session.
The reporting role reads the features' tables without their encrypted and secret columns.

A table that a migration has just made starts with SELECT and INSERT only (default privileges), should this not run.
"""

from collections.abc import Iterator, Set
from typing import Any, Final

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from pgtrigger import registry
from psycopg import sql

from codepop.core.encryption import EncryptedTextField, SearchableEncryptedField

SCHEMA: Final = sql.Identifier("public")
READ_ONLY_TABLES: Final = frozenset({"django_migrations", "core_audithead"})
"""Whoever could write here could make the next migration be skipped, or hide that the audit trail was cut."""

_GRANTING: Final = 7_305_001
"""Advisory lock: two migrations at once would fail on PostgreSQL's own catalogue rows."""

_SECRET_FIELDS: Final = (EncryptedTextField, SearchableEncryptedField, models.BinaryField)


def append_only_tables() -> list[str]:
    """Return the tables whose trigger refuses every UPDATE and DELETE."""
    found = {model._meta.db_table for model, trigger in registry.registered() if _forbids_change(trigger)}
    return sorted(found)


def _forbids_change(trigger: Any) -> bool:
    if not isinstance(trigger, pgtrigger.Protect) or trigger.condition is not None:
        return False
    return {"UPDATE", "DELETE"} <= set(str(trigger.operation).split(" OR "))


def grant_rights(*, app: str, report: str | None = None) -> None:
    """Give the roles exactly their rights, in one commit; may be called any number of times.

    Needs the owner's connection. The roles must exist; `report` may be None.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_GRANTING])
        names = [app, *([report] if report else [])]
        cursor.execute(
            "SELECT current_database(), array_agg(rolname::text) FROM pg_roles WHERE rolname = ANY(%s)", [names]
        )
        database, known = cursor.fetchone()
        if missing := sorted(set(names) - set(known or ())):
            raise LookupError(f"the database role {', '.join(missing)} does not exist: see docs/database.md")
        there = set(connection.introspection.table_names(cursor))
        for statement in (
            *_for_everybody(database),
            *_for_app(app, database, there),
            *_for_report(report, database, there),
        ):
            cursor.execute(statement)
        _grant_owner_functions(cursor, app)


def _for_everybody(database: str) -> Iterator[sql.Composed]:
    yield sql.SQL("REVOKE CREATE, TEMPORARY, CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
    yield sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(SCHEMA)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM PUBLIC").format(SCHEMA)


def _enter(role: sql.Identifier, database: str) -> Iterator[sql.Composed]:
    """Take everything away, then let the role in."""
    name = sql.Identifier(database)
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(name, role)
    yield sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(SCHEMA, role)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(SCHEMA, role)
    yield sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA {} FROM {}").format(SCHEMA, role)
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, role)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(SCHEMA, role)


def _for_app(app: str, database: str, there: Set[str]) -> Iterator[sql.Composed]:
    """Grant over the tables that are `there`: a migration may stop, or go back, half-way."""
    role = sql.Identifier(app)
    yield from _enter(role, database)
    rights = sql.SQL("SELECT, INSERT, UPDATE, DELETE")
    yield sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA {} TO {}").format(rights, SCHEMA, role)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(SCHEMA, role)
    for table in there & set(append_only_tables()):
        yield sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role)
    for table in there & READ_ONLY_TABLES:
        yield sql.SQL("REVOKE INSERT, UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role)
    default = sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT {} TO {}")
    yield default.format(SCHEMA, sql.SQL("SELECT, INSERT ON TABLES"), role)
    yield default.format(SCHEMA, sql.SQL("USAGE, SELECT ON SEQUENCES"), role)


def _for_report(report: str | None, database: str, there: Set[str]) -> Iterator[sql.Composed]:
    if not report:
        return
    role = sql.Identifier(report)
    yield from _enter(role, database)
    for label in settings.DATABASE_REPORT_APPS:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            if model._meta.db_table not in there:
                continue
            columns = sql.SQL(", ").join(sql.Identifier(name) for name in readable_columns(model))
            table = sql.Identifier(model._meta.db_table)
            yield sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(columns, table, role)


def readable_columns(model: type[models.Model]) -> list[str]:
    """Return the columns that hold neither ciphertext nor the hash of a secret."""
    return [f.column for f in model._meta.concrete_fields if f.column and not isinstance(f, _SECRET_FIELDS)]


def _grant_owner_functions(cursor: Any, app: str) -> None:
    """Let only the application call what runs with the owner's rights (SECURITY DEFINER)."""
    cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " ORDER BY 1"
    )
    for (function,) in cursor.fetchall():
        # regprocedure gives the name and its argument types, quoted where PostgreSQL needs it.
        cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(function), sql.Identifier(app)))


def grant_after_migrate(**signal: Any) -> None:
    """Hear Django's post_migrate: grant once all tables are there, when the start names the application's role.

    Tests empty their tables by `flush`, which sends the same signal without a plan and changes no table.
    """
    if settings.CODEPOP.app_role and "plan" in signal:
        grant_rights(app=settings.CODEPOP.app_role, report=settings.CODEPOP.report_role or None)
