"""The embedded PostgreSQL's roles: passwords of their own, kept to the user, made good in folders of older versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tools.database_roles import APP, OWNER, REPORT, Addresses, role_of
from tools.postgres import THROWAWAY_SETTINGS, remove_cluster, start_postgres, throwaway_folder
from tools.system import Options, System


@pytest.fixture
def folder() -> Iterator[Path]:
    with throwaway_folder("cp-") as made:
        yield made / "pg"
        remove_cluster(made / "pg")


def _may(url: str) -> tuple[object, ...]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolname::text, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.req("DB-05")
def test_each_role_signs_in_with_a_password_of_its_own(folder: Path) -> None:
    running = start_postgres(folder, THROWAWAY_SETTINGS)
    try:
        assert _may(running.roles.owner) == (OWNER, True)
        assert _may(running.roles.app) == (APP, False)
        assert _may(running.roles.report) == (REPORT, False)
        files = sorted(folder.glob("password*"))
        assert [(path.name, path.stat().st_mode & 0o777) for path in files] == [
            ("password", 0o600),
            ("password-codepop_app", 0o600),
            ("password-codepop_report", 0o600),
        ]
        assert len({path.read_text() for path in files}) == 3
        with psycopg.connect(running.roles.report) as reading, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reading.execute("CREATE TABLE mine (id int)")
    finally:
        running.stop()


@pytest.mark.req("DB-05")
def test_a_folder_of_an_older_version_gets_the_roles_at_its_next_start(folder: Path) -> None:
    first = start_postgres(folder, THROWAWAY_SETTINGS)
    with psycopg.connect(first.url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE {APP}")
    (folder / f"password-{APP}").unlink()
    first.stop()
    second = start_postgres(folder, THROWAWAY_SETTINGS)
    try:
        assert _may(second.roles.app) == (APP, False)
        assert second.url == first.url.replace(str(first.port), str(second.port))
    finally:
        second.stop()


@pytest.mark.req("DB-05")
def test_only_migrations_are_given_the_owners_address(tmp_path: Path) -> None:
    system = System(Options(data=tmp_path))
    system.database = Addresses(
        owner="postgresql://owner@db/shop", app="postgresql://web@db/shop", report="postgresql://figures@db/shop"
    )
    for service in system.services():
        given = {name: value for name, value in service.environment.items() if name.startswith("DATABASE_")}
        assert given in ({"DATABASE_URL": "postgresql://web@db/shop"}, {}), service.name
    assert system.database.for_migrations() == {
        "DATABASE_URL": "postgresql://owner@db/shop",
        "DATABASE_APP_ROLE": "web",
        "DATABASE_REPORT_ROLE": "figures",
    }
    single = Addresses(owner="postgresql://me@db/shop", app="postgresql://me@db/shop", report="")
    assert single.for_migrations() == {"DATABASE_URL": "postgresql://me@db/shop"}
    assert role_of("postgresql://db/shop") == ""
