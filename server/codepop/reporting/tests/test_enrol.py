"""Staff without a second factor reach nothing but the page that sets one up (SEC-09)."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.services import create_user, grant_role
from codepop.accounts.tests.codes import code_clock, code_of
from codepop.accounts.tests.factories import PASSWORD
from codepop.core.db import transaction
from codepop.kit.ids import uuid7

__all__ = ["code_clock"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("code_clock")]
MAYA = "maya@example.org"
ENROL = "/staff/sign-in/second-factor"


@pytest.fixture(autouse=True)
def maya() -> User:
    cache.clear()
    with transaction():
        user = create_user(email=MAYA, name="Maya", password=PASSWORD)
        grant_role(user_id=user.id, role=Role.MANAGER, scope_kind=ScopeKind.STORE, scope_id=uuid7())
    return user


def _sign_in(target: str = "/staff/?all") -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/staff/sign-in", {"email": MAYA, "password": PASSWORD, "next": target})


def _secret(page: bytes) -> str:
    found = re.search(rb'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    return found.group(1).decode().replace(" ", "")


@pytest.mark.req("SEC-09")
def test_a_first_sign_in_leads_through_the_second_factor_to_the_page_asked_for() -> None:
    client, answer = _sign_in()
    assert answer["Location"] == "/staff/?all"
    answer = client.get("/staff/?all")
    assert (answer.status_code, answer["Location"]) == (302, f"{ENROL}?next=%2Fstaff%2F%3Fall")
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert b"data:image/svg+xml" in page.content
    secret = _secret(page.content)
    wrong = client.post(ENROL, {"code": "000000" if code_of(secret) != "000000" else "111111", "next": "/staff/?all"})
    assert wrong.status_code == 400
    assert _secret(wrong.content) == secret
    assert not Authenticator.objects.exists()
    done = client.post(ENROL, {"code": code_of(secret), "next": "/staff/?all"})
    assert done.status_code == 200
    assert len(re.findall(rb"<li><code>\d{8}</code></li>", done.content)) == 10
    assert b'href="/staff/?all"' in done.content
    assert client.get("/staff/?all").status_code == 200
    assert client.get(ENROL).status_code == 302


@pytest.mark.req("SEC-09")
def test_until_then_no_staff_page_and_no_staff_right_of_the_api() -> None:
    client, _ = _sign_in()
    for path in ("/staff/", "/staff/payments", "/staff/revenue.csv", "/staff/attention"):
        assert client.get(path)["Location"].startswith(ENROL)
    assert client.get("/staff/payments", headers={"HX-Request": "true"}).status_code == 401
    me = client.get("/api/v1/me").json()
    assert (me["second_factor_needed"], me["roles"][0]["role"]) == (True, "manager")


@pytest.mark.req("SEC-09")
def test_from_then_on_the_code_is_asked_for_and_a_stolen_password_is_not_enough(maya: User) -> None:
    client, _ = _sign_in()
    secret = _secret(client.get(ENROL).content)
    client.post(ENROL, {"code": code_of(secret)})
    cache.clear()
    thief, answer = _sign_in()
    assert answer["Location"].startswith("/staff/sign-in/code")
    assert thief.get("/staff/").status_code == 302
    assert thief.get(ENROL)["Location"].startswith("/staff/sign-in")
    assert thief.post("/staff/sign-in/code", {"code": code_of(secret)}).status_code == 302
    assert thief.get("/staff/").status_code == 200
    me = thief.get("/api/v1/me").json()
    assert me["second_factor_needed"] is False


@pytest.mark.req("SEC-09")
def test_a_password_typed_long_ago_sets_up_nothing(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    client, _ = _sign_in()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1
    for answer in (client.get(ENROL), client.post(ENROL, {"code": "123456"})):
        assert (answer.status_code, answer["Location"]) == (302, "/staff/sign-in")
    assert not Authenticator.objects.exists()


@pytest.mark.req("SEC-09")
def test_a_factor_that_is_taken_off_opens_nothing_any_more() -> None:
    client, _ = _sign_in()
    secret = _secret(client.get(ENROL).content)
    client.post(ENROL, {"code": code_of(secret)})
    assert client.get("/staff/").status_code == 200
    gone = client.delete("/_allauth/browser/v1/account/authenticators/totp")
    assert gone.status_code == 200
    assert client.get("/staff/")["Location"].startswith(ENROL)


def test_a_guest_is_sent_to_the_sign_in() -> None:
    assert Client().get(ENROL)["Location"] == "/staff/sign-in"
