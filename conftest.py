"""Fixtures that every test may use. PostgreSQL and the sandbox come from tools/pytest_postgres.py."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.signals import connection_created
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from tests.database_role import as_owner, take_app_role

# How long an example takes says only how busy the machine is.
hypothesis.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("busy")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Work as the application's role once the owner has made the tables, so that every test meets its limits.

    Only emptying the tables between tests is the owner's.
    """
    if not settings.CODEPOP.app_role:  # the server of DATABASE_URL, without roles of its own (docs/database.md)
        yield
        return
    original = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: Any) -> None:
        with as_owner():
            original(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        connection_created.connect(take_app_role, dispatch_uid="tests.take_app_role")
        connection.close()
        yield
        connection_created.disconnect(dispatch_uid="tests.take_app_role")


@pytest.fixture(scope="session", autouse=True)
def _forced_log_in_is_complete() -> Iterator[None]:
    """Let `force_login` stand for a whole sign-in: of staff that is one with a second factor.

    What happens without one is shown by tests that sign in as people do.
    """
    original = Client.force_login

    def complete(self: Client, user: Any, backend: str | None = None) -> None:
        original(self, user, backend)
        session = self.session
        session["account_authentication_methods"] = [{"method": "mfa", "type": "totp"}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", complete)
        yield
