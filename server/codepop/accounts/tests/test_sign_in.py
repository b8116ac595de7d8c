"""Signing in over allauth's headless endpoints, as the web page and as the app do it."""

import json
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from codepop.accounts.tests.factories import PASSWORD, make_staff, make_user

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "ada.canary@example.org"


def _sign_in(client: Client, kind: str, password: str = PASSWORD, **headers: str):  # type: ignore[no-untyped-def]
    return client.post(
        f"/_allauth/{kind}/v1/auth/login",
        {"email": EMAIL, "password": password},
        content_type="application/json",
        headers=headers,
    )


@pytest.mark.req("SEC-08", "C35")
def test_the_app_gets_a_token_and_is_known_by_it() -> None:
    make_user(email=EMAIL, name="Ada", password=PASSWORD)
    answer = _sign_in(Client(), "app")
    token = answer.json()["meta"]["session_token"]
    me = Client().get("/api/v1/me", headers={"X-Session-Token": token})
    assert me.status_code == 200
    assert me.json()["email_hint"] == "a…y@example.org"
    assert EMAIL not in me.content.decode()
    assert Client().get("/api/v1/me", headers={"X-Session-Token": "wrong"}).status_code == 401


@pytest.mark.req("SEC-08", "SEC-06", "C35")
def test_the_page_gets_a_session_and_needs_its_csrf_token() -> None:
    make_user(email=EMAIL, password=PASSWORD)
    client = Client(enforce_csrf_checks=True)
    client.get("/_allauth/browser/v1/config")
    assert _sign_in(client, "browser").status_code == 403
    csrf = (
        client.cookies["csrftoken"].value
        if "csrftoken" in client.cookies
        else client.get("/").cookies["csrftoken"].value
    )
    assert _sign_in(client, "browser", **{"X-CSRFToken": csrf}).status_code == 200
    assert client.get("/api/v1/me").status_code == 200


@pytest.mark.req("DB-07")
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer() -> None:
    user = make_user(email=EMAIL, password=PASSWORD)
    assert user.password.startswith("argon2$argon2id$")
    wrong = _sign_in(Client(), "app", password="not-it-at-all")
    user.delete()
    unknown = _sign_in(Client(), "app")
    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json()["errors"] == unknown.json()["errors"]


@pytest.mark.req("C21")
def test_an_older_kind_of_hash_signs_in_and_is_replaced_by_argon2id() -> None:
    user = make_user(email=EMAIL)
    user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user.save(update_fields=["password"])
    assert _sign_in(Client(), "app", password="not-it-at-all").status_code == 400
    assert _sign_in(Client(), "app").status_code == 200
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
    assert _sign_in(Client(), "app").status_code == 200


@pytest.mark.req("SEC-08", "DB-08")
def test_neither_session_nor_account_tables_hold_the_address_in_plain_text() -> None:
    make_user(email=EMAIL, password=PASSWORD)
    _sign_in(Client(), "app")
    assert Session.objects.exists()
    with connection.cursor() as cursor:
        for table in ("accounts_user", "account_emailaddress", "django_session", "core_cache"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            assert "canary" not in cursor.fetchone()[0].lower()


@pytest.mark.req("CORE-01")
def test_me_names_roles_and_refuses_guests_with_the_one_envelope() -> None:
    refused = Client().get("/api/v1/me")
    assert refused.status_code == 401
    assert set(refused.json()["error"]) == {"code", "message", "fields"}
    assert refused.json()["error"]["code"] == "not_signed_in"
    client = Client()
    client.force_login(make_staff(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/v1/me").json()["roles"][0]["role"] == "manager"


@pytest.mark.req("SEC-06")
def test_a_session_may_change_something_over_the_api_only_with_its_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(), backend="allauth.account.auth_backends.AuthenticationBackend")
    refused = _change(client)
    assert (refused.status_code, _code(refused)) == (403, "csrf_failed")
    client.get("/_allauth/browser/v1/config")
    assert _code(_change(client, token=client.cookies["csrftoken"].value)) == "idempotency_key_missing"
    assert _code(_change(client, token="x" * 32)) == "csrf_failed"
    assert _code(_change(Client())) == "not_signed_in"


def _change(client: Client, token: str = "") -> Any:
    headers = {"X-CSRFToken": token} if token else {}
    return client.post("/api/v1/me/payment-methods/setup", {}, content_type="application/json", headers=headers)


def _code(answer: Any) -> str:
    return str(json.loads(answer.content)["error"]["code"])
