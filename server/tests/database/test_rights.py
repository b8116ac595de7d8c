"""What each database role may do, tried as that role (DB-05)."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from pgtrigger import registry
from psycopg import sql

from codepop.core.rights import append_only_tables, grant_rights, readable_columns
from codepop.ordering.tests.factories import make_order
from codepop.payments.models import Payment
from tests.database_role import as_owner, as_report

pytestmark = pytest.mark.django_db

# A table whose name says that it keeps what has happened is append-only, or stands here with the reason why not.
HISTORY = re.compile(r"(Entry|Transition|Movement|Transaction|History|Audit\w*|Log)$")
CHANGEABLE = {"core_audithead"}  # the ends of the chains: the application may not write them at all

DENIED = "permission denied|must be owner"


@pytest.mark.req("DB-05", "PAY-10")
def test_every_table_of_history_is_append_only() -> None:
    named = {m._meta.db_table for m in apps.get_models() if HISTORY.search(m.__name__)}
    assert named - CHANGEABLE <= set(append_only_tables())
    assert {
        "inventory_stockmovement",
        "ordering_ordertransition",
        "payments_ledgerentry",
        "payments_ledgertransaction",
    } <= set(append_only_tables())


def _switch_triggers_off() -> None:
    """As anybody may for a session of their own: so the right must be missing too."""
    every = ",".join(trigger.get_pgid(model) for model, trigger in registry.registered())
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{every}}}"])


@pytest.mark.req("DB-05", "PAY-10")
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_cant_change_what_has_happened_even_without_triggers(statement: str) -> None:
    for table in append_only_tables():
        change = sql.SQL(statement).format(sql.Identifier(table))
        with connection.cursor() as cursor:
            # PostgreSQL only warns that this has no effect.
            cursor.execute(sql.SQL("GRANT ALL ON {} TO CURRENT_USER").format(sql.Identifier(table)))
            _switch_triggers_off()
            with pytest.raises(DatabaseError, match=DENIED), transaction.atomic():
                cursor.execute(change)


def test_a_role_with_the_right_could_switch_the_triggers_off() -> None:
    """Otherwise the test above would show nothing."""
    make_order()
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        _switch_triggers_off()
        cursor.execute("UPDATE ordering_ordertransition SET actor = 'x'")
        assert cursor.rowcount == 1


@pytest.mark.req("DB-05")
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE payments_ledgerentry DISABLE TRIGGER ALL",
        "ALTER TABLE payments_ledgerentry ADD COLUMN mine int",
        "ALTER TABLE payments_payment OWNER TO CURRENT_USER",
        "DROP TABLE payments_ledgerentry",
        "DROP TRIGGER pgtrigger_append_only_94ee6 ON payments_ledgerentry",
        "CREATE INDEX mine ON payments_payment (status)",
        "TRUNCATE payments_payment CASCADE",
        "CREATE ROLE mine",
        "CREATE SCHEMA mine",
        "SET session_replication_role = replica",
        "DELETE FROM django_migrations",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('payments', '9999', now())",
    ],
)
def test_the_application_cant_change_the_schema_or_its_own_rights(statement: str) -> None:
    with pytest.raises(DatabaseError, match=DENIED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.req("DB-05")
def test_a_table_that_a_migration_makes_later_is_never_open_by_accident() -> None:
    with transaction.atomic():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE made_later (id int)")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO made_later VALUES (1)")
            cursor.execute("SELECT count(*) FROM made_later")
            assert cursor.fetchone() == (1,)
        with pytest.raises(DatabaseError, match=DENIED), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE made_later SET id = 2")
        with as_owner():
            grant_rights(app=settings.CODEPOP.app_role, report=settings.CODEPOP.report_role)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE made_later SET id = 2")


@pytest.mark.req("DB-05")
def test_granting_again_changes_nothing() -> None:
    state = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(state)
        before = cursor.fetchall()
        grant_rights(app=settings.CODEPOP.app_role, report=settings.CODEPOP.report_role)
        cursor.execute(state)
        assert cursor.fetchall() == before


@pytest.mark.req("DB-05")
def test_a_role_that_does_not_exist_is_named() -> None:
    with as_owner(), pytest.raises(LookupError, match=r"codepop_nobody does not exist: see docs/database\.md"):
        grant_rights(app="codepop_nobody")


@pytest.mark.req("DB-05")
def test_what_runs_with_the_owners_rights_may_only_be_called_by_the_application() -> None:
    """The narrow way for retention: one function of the owner's, instead of a right over a table."""
    with transaction.atomic():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION cut_movements() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
                " SET search_path = pg_catalog, public AS 'SELECT count(*) FROM inventory_stockmovement'"
            )
            grant_rights(app=settings.CODEPOP.app_role, report=settings.CODEPOP.report_role)
        with connection.cursor() as cursor:
            cursor.execute("SELECT cut_movements()")
        with (
            as_report(),
            pytest.raises(DatabaseError, match=DENIED),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT cut_movements()")


@pytest.mark.req("DB-05")
def test_reports_read_figures_and_nothing_secret() -> None:
    make_order()
    with as_report(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(total_cents) FROM ordering_order")
        assert cursor.fetchone()[0] == 1
        for secret in (
            "SELECT contact_email FROM ordering_order",
            "SELECT token_hash FROM ordering_order",
            "SELECT client_secret FROM payments_payment",
            "SELECT pickup_key FROM stores_store",
            "SELECT * FROM accounts_user",
            "SELECT * FROM django_session",
            "SELECT * FROM core_idempotencykey",
            "SELECT * FROM procrastinate_jobs",
            "INSERT INTO stores_region (id, code, name) VALUES (gen_random_uuid(), 'X', 'X')",
            "UPDATE ordering_order SET total_cents = 1",
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(secret)
    assert "client_secret" not in readable_columns(Payment)
