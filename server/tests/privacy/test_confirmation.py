"""Nobody takes a person's data, or ends their account, at a device that was left unlocked."""

import time
from typing import Any

import pytest
from django.test import Client

from codepop.accounts.access import CONFIRMED_SECONDS
from codepop.accounts.models import User
from codepop.accounts.tests.codes import code_clock, code_of
from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.ordering.tests.http import Shopper
from codepop.privacy.models import Erasure
from tests.privacy.people import BACKEND
from tests.stripe_side import run_jobs

__all__ = ["code_clock"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
PROOFS = "account_authentication_methods"


@pytest.fixture
def user() -> User:
    return make_user(password=PASSWORD)


@pytest.fixture
def shopper(user: User) -> Shopper:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return Shopper(client, email=None)


def _file(shopper: Shopper) -> str:
    asked = shopper.call("POST", "/me/privacy/exports")
    run_jobs()
    return f"/api/v1/me/privacy/exports/{asked['id']}/file"


def _erase(shopper: Shopper) -> Any:
    return shopper.call("POST", "/me/privacy/erasure", {"confirm": "erase"})


def _confirm(client: Client, password: str) -> int:
    path = "/_allauth/browser/v1/auth/reauthenticate"
    return client.post(path, {"password": password}, content_type="application/json").status_code


def _age_proofs(client: Client, seconds: float) -> None:
    session = client.session
    session[PROOFS] = [{**one, "at": one.get("at", time.time()) - seconds} for one in session[PROOFS]]
    session.save()


@pytest.mark.req("DB-15", "SEC-08")
def test_the_file_and_the_end_wait_until_it_is_shown_who_asks(shopper: Shopper) -> None:
    url = _file(shopper)
    for answer in (shopper.client.get(url).json(), _erase(shopper)):
        assert answer["error"]["code"] == "confirmation_needed"
        assert answer["data"]["flows"] == [{"id": "reauthenticate"}]
    assert shopper.last == 401
    assert not Erasure.objects.exists()
    assert _confirm(shopper.client, "wrong-" + PASSWORD) == 400
    assert shopper.client.get(url).status_code == 401
    assert _confirm(shopper.client, PASSWORD) == 200
    assert shopper.client.get(url).status_code == 200
    _age_proofs(shopper.client, CONFIRMED_SECONDS + 1)
    assert shopper.client.get(url).status_code == 401
    _erase(shopper)
    assert shopper.last == 401
    assert _confirm(shopper.client, PASSWORD) == 200
    _erase(shopper)
    assert shopper.last == 202
    assert Erasure.objects.exists()


@pytest.mark.req("SEC-08")
def test_what_another_account_showed_in_the_session_does_not_count(shopper: Shopper) -> None:
    assert _confirm(shopper.client, PASSWORD) == 200
    session = shopper.client.session
    session[f"{PROOFS}_user"] = str(make_user().id)
    session.save()
    _erase(shopper)
    assert shopper.last == 401


@pytest.mark.req("SEC-08", "SEC-09")
@pytest.mark.usefixtures("code_clock")
def test_a_code_confirms_as_a_password_does_and_both_are_offered(shopper: Shopper) -> None:
    assert _confirm(shopper.client, PASSWORD) == 200
    path = "/_allauth/browser/v1/account/authenticators/totp"
    secret = shopper.client.get(path).json()["meta"]["secret"]
    given = {"code": code_of(secret)}
    assert shopper.client.post(path, given, content_type="application/json").status_code == 200
    _age_proofs(shopper.client, CONFIRMED_SECONDS + 1)
    offered = _erase(shopper)["data"]["flows"]
    assert [one["id"] for one in offered] == ["reauthenticate", "mfa_reauthenticate"]
    assert set(offered[1]["types"]) == {"totp", "recovery_codes"}
    codes = shopper.client.get("/_allauth/browser/v1/account/authenticators/recovery-codes")
    assert codes.status_code == 401, "they want a confirmation themselves"
    confirm = "/_allauth/browser/v1/auth/2fa/reauthenticate"
    answer = shopper.client.post(confirm, {"code": code_of(secret)}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    _erase(shopper)
    assert shopper.last == 202
