"""Sessions and passwords: what is new after a sign-in, what a hash costs, and what a password may be."""

import re
from typing import Any

import pytest
from argon2 import extract_parameters
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings

from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.core.sessions import SessionStore, stored_key

pytestmark = pytest.mark.django_db
EMAIL = "ada.canary@example.org"
BROWSER, APP = "/_allauth/browser/v1", "/_allauth/app/v1"


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests() -> None:
    cache.clear()


def _sign_in(client: Client, base: str = BROWSER, password: str = PASSWORD) -> Any:
    body = {"email": EMAIL, "password": password}
    return client.post(f"{base}/auth/login", body, content_type="application/json")


@pytest.mark.req("SEC-08")
@pytest.mark.parametrize("way", ["page", "staff"])
def test_a_sign_in_gets_a_session_that_nobody_could_have_known(way: str) -> None:
    make_user(email=EMAIL, password=PASSWORD)
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    if way == "page":
        assert _sign_in(client).status_code == 200
    else:
        client.post("/staff/sign-in", {"email": EMAIL, "password": PASSWORD})
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert key != planted
    assert not Session.objects.filter(pk=stored_key(planted)).exists()
    assert len(set(key)) > 8
    assert len(key) >= 26  # of 36 signs: 128 bits at least


@pytest.mark.req("SEC-08", "DB-08")
def test_the_tables_of_sessions_open_nobodys_session() -> None:
    make_user(email=EMAIL, password=PASSWORD)
    page = Client()
    assert _sign_in(page).status_code == 200
    keys = [page.cookies["sessionid"].value, _sign_in(Client(), APP).json()["meta"]["session_token"]]
    assert [_ask_as(key) for key in keys] == [(200, 200), (200, 200)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text || i::text FROM django_session s CROSS JOIN accounts_signin i")
        held = " ".join(text for (text,) in cursor.fetchall())
    assert held
    assert [key for key in keys if key in held] == []
    stored = list(Session.objects.values_list("pk", flat=True))
    assert [_ask_as(key) for key in stored] == [(401, 401), (401, 401)]


def _ask_as(key: str) -> tuple[int, int]:
    """Show a key as a page does, and as the app does."""
    page = Client()
    page.cookies[settings.SESSION_COOKIE_NAME] = key
    by_token = Client().get("/api/v1/me", headers={"X-Session-Token": key})
    return page.get("/api/v1/me").status_code, by_token.status_code


@pytest.mark.req("SEC-08")
@pytest.mark.django_db(transaction=True)
def test_asynchronous_code_finds_the_same_sessions() -> None:
    async def story() -> None:
        store = SessionStore()
        store["word"] = "kept"
        await store.asave()
        key = str(store.session_key)
        assert await Session.objects.filter(pk=stored_key(key)).aexists()
        assert await SessionStore().aexists(key)
        assert await SessionStore(key).aget("word") == "kept"
        await SessionStore(key).adelete()
        assert not await Session.objects.aexists()

    async_to_sync(story)()


@pytest.mark.req("SEC-08")
def test_a_session_that_was_ended_opens_nothing_any_more() -> None:
    make_user(email=EMAIL, password=PASSWORD)
    token = _sign_in(Client(), APP).json()["meta"]["session_token"]
    own = {"X-Session-Token": token}
    assert Client().get("/api/v1/me", headers=own).status_code == 200
    Client().delete(f"{APP}/auth/session", headers=own)
    assert Client().get("/api/v1/me", headers=own).status_code == 401
    assert Client().get(f"{APP}/auth/session", headers=own).status_code == 410


@pytest.mark.req("SEC-08")
def test_each_sign_in_is_a_session_of_its_own() -> None:
    make_user(email=EMAIL, password=PASSWORD)
    tokens = {_sign_in(Client(), APP).json()["meta"]["session_token"] for _ in range(3)}
    assert len(tokens) == 3


@pytest.mark.req("DB-07", "SEC-10")
def test_a_password_is_hashed_as_slowly_as_is_advised() -> None:
    user = make_user(email=EMAIL, password=PASSWORD)
    assert user.password.startswith("argon2$")
    used = extract_parameters(user.password.removeprefix("argon2"))
    assert used.type.name == "ID"
    assert used.memory_cost >= 19 * 1024  # KiB
    assert used.time_cost >= 2
    assert used.hash_len >= 32
    assert used.salt_len >= 16
    assert make_user(password=PASSWORD).password != user.password


@pytest.mark.req("SEC-10")
@pytest.mark.parametrize(
    "password",
    [
        "eight8ch",
        "correct horse battery staple with spaces",
        "x9" * 60,
        "Überraschung für alle, 日本語 auch",
    ],
)
def test_any_signs_and_any_length_make_a_password_and_all_of_them_count(password: str) -> None:
    make_user(email=EMAIL, password=password)
    assert _sign_in(Client(), password=password).status_code == 200
    for other in (password[:-1], password.swapcase(), password + "x"):
        assert _sign_in(Client(), password=other).status_code == 400, other


@pytest.mark.req("SEC-10")
@pytest.mark.parametrize("password", ["short1!", "password1", "qwertyuiop", "ada.canary1", "CodePop2026"])
def test_what_is_short_common_or_ones_own_address_is_no_password(password: str) -> None:
    body = {"email": EMAIL, "password": password}
    answer = Client().post(f"{APP}/auth/signup", body, content_type="application/json")
    assert answer.status_code == 400
    assert [error["param"] for error in answer.json()["errors"]] == ["password"] * len(answer.json()["errors"])


@pytest.mark.req("SEC-10")
def test_a_new_password_wants_the_old_one() -> None:
    make_user(email=EMAIL, password=PASSWORD)
    own = {"X-Session-Token": _sign_in(Client(), APP).json()["meta"]["session_token"]}

    def change(**words: str) -> int:
        path = f"{APP}/account/password/change"
        return Client().post(path, words, content_type="application/json", headers=own).status_code

    fresh = "another-horse-battery-7"
    assert change(new_password=fresh) == 400
    assert change(current_password="not-it-at-all", new_password=fresh) == 400
    assert change(current_password=PASSWORD, new_password=fresh) == 200
    assert _sign_in(Client(), password=PASSWORD).status_code == 400
    assert _sign_in(Client(), password=fresh).status_code == 200


@pytest.mark.req("SEC-08")
def test_no_address_of_ours_carries_a_session_or_a_password() -> None:
    make_user(email=EMAIL, password=PASSWORD)
    by_address = f"?email={EMAIL}&password={PASSWORD}&session_token=x"
    assert Client().post(f"{APP}/auth/login{by_address}", {}, content_type="application/json").status_code == 400
    token = _sign_in(Client(), APP).json()["meta"]["session_token"]
    assert Client().get(f"/api/v1/me?session_token={token}&X-Session-Token={token}").status_code == 401
    assert re.search(r"[?&](token|key|password)=", " ".join(settings.HEADLESS_FRONTEND_URLS.values())) is None


@pytest.mark.req("SEC-07")
def test_nobody_gets_a_fresh_budget_by_naming_another_address() -> None:
    statuses = []
    for number in range(32):
        client = Client(headers={"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"})
        statuses.append(
            client.post(
                f"{APP}/auth/login",
                {"email": f"{number}@example.org", "password": "x" * 9},
                content_type="application/json",
            ).status_code
        )
    assert statuses[0] == 400
    assert statuses[-1] == 429


@pytest.mark.req("SEC-07")
def test_behind_our_own_proxy_people_do_not_share_a_budget() -> None:
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        for number in range(32):
            forged_then_real = f"198.51.100.1, 203.0.113.{number}"
            client = Client(headers={"X-Forwarded-For": forged_then_real})
            body = {"email": f"{number}@example.org", "password": "x" * 9}
            answer = client.post(f"{APP}/auth/login", body, content_type="application/json")
            assert answer.status_code == 400, number
