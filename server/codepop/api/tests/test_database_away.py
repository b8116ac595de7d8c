"""A database that ends under a request: the answer says to try again, and trying again works."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from codepop.api.root import DATABASE_AWAY


@pytest.mark.req("DB-21")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "status"), [("/staff/payments", 302), ("/api/v1/orders", 401), ("/api/v1/stores", 200)]
)
def test_who_asks_meanwhile_is_told_to_try_again(path: str, status: int) -> None:
    browser = Client(raise_request_exception=False)
    browser.cookies[settings.SESSION_COOKIE_NAME] = "a-session-that-must-be-looked-up"
    connection.ensure_connection()
    ended = connection.connection.info.backend_pid
    with psycopg.connect(settings.CODEPOP.database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (ended,))
    answer = browser.get(path)
    assert (answer.status_code, answer.json()["error"]["message"]) == (503, DATABASE_AWAY)
    connection.close()
    assert browser.get(path).status_code == status
