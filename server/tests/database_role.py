"""Which database role a test works as: the application's, unless it says `as_owner`; and where its database is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.conninfo import make_conninfo


def take_app_role(connection: DatabaseWrapper, **signal: Any) -> None:
    """Hear of a new connection: from here on it has the application's rights only."""
    if connection.alias == "default" and settings.CODEPOP.app_role:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{settings.CODEPOP.app_role}"')


def database_url() -> str:
    """Return the address of this test's own database, for a connection beside the test's."""
    known = connection.settings_dict
    return make_conninfo(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"]
    )


@contextmanager
def as_owner() -> Iterator[None]:
    """Work with the owner's rights, as a migration does; for what the application may not do itself."""
    with _role("NONE"):
        yield


@contextmanager
def as_report() -> Iterator[None]:
    """Work with the rights of whoever reads figures."""
    with _role(f'"{settings.CODEPOP.report_role}"'):
        yield


@contextmanager
def _role(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        before = cursor.fetchone()[0]
        cursor.execute(f"SET ROLE {role}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{before}"')
