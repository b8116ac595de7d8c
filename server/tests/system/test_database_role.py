"""The running processes hold the application's password only, and work with it."""

from pathlib import Path

import psycopg
import pytest

from tools.system import System

SERVERS = ("web", "live", "worker")


@pytest.mark.req("DB-05")
def test_web_worker_and_live_sign_in_as_the_application(system: System) -> None:
    with psycopg.connect(system.database.owner) as connection:
        rows = connection.execute(
            "SELECT DISTINCT usename::text FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchall()
    assert rows == [("codepop_app",)]
    owners = (system.data / "postgres" / "password").read_text().strip()
    for name in SERVERS:
        environment = Path(f"/proc/{system.facts()['processes'][name]}/environ").read_text()
        assert "codepop_app" in environment
        assert owners not in environment


@pytest.mark.req("DB-05")
def test_the_applications_password_rewrites_no_books(system: System) -> None:
    with psycopg.connect(system.database.app, autocommit=True) as connection:
        for statement in ("DELETE FROM payments_ledgerentry", "TRUNCATE ordering_ordertransition", "CREATE TABLE x ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET ROLE codepop")
