"""The roles of the embedded PostgreSQL, and the addresses that the processes get (docs/database.md).

`codepop` made the cluster and owns all tables: only the launcher and its migrations use it. `codepop_app` is what web,
worker and live process sign in with; `codepop_report` reads. Their rights are granted by the migrations, not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

OWNER = "codepop"
APP = "codepop_app"
REPORT = "codepop_report"

_CAN = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_REPORT_SETTINGS = {"default_transaction_read_only": "on", "statement_timeout": "60s"}


@dataclass(frozen=True)
class Addresses:
    """One address for each role; `report` may be empty. Each process is given one, never all."""

    owner: str
    app: str
    report: str

    def for_migrations(self) -> dict[str, str]:
        """What a migration's environment says: who it is, and whom it gives which rights."""
        if self.owner == self.app:
            return {"DATABASE_URL": self.owner}
        roles = {"DATABASE_APP_ROLE": role_of(self.app), "DATABASE_REPORT_ROLE": role_of(self.report)}
        return {"DATABASE_URL": self.owner, **{name: role for name, role in roles.items() if role}}


def role_of(url: str) -> str:
    """The role that an address signs in as, empty when it names none."""
    return unquote(urlsplit(url).username or "")


def ensure_roles(owner_url: str, password: Callable[[str], str]) -> Addresses:
    """Make the roles with their passwords, or bring those that are there to the same; returns all addresses."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for role in (APP, REPORT):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            statement = "ALTER ROLE {} {} PASSWORD {}" if known else "CREATE ROLE {} {} PASSWORD {}"
            connection.execute(
                sql.SQL(statement).format(sql.Identifier(role), sql.SQL(_CAN), sql.Literal(password(role)))
            )
        for name, value in _REPORT_SETTINGS.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(REPORT), sql.Identifier(name), value)
            )
    place = owner_url.rpartition("@")[2]
    app, report = (f"postgresql://{role}:{password(role)}@{place}" for role in (APP, REPORT))
    return Addresses(owner=owner_url, app=app, report=report)
