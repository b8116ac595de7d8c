"""Second factors over allauth's headless API: codes, recovery codes, passkeys; and an operator's help."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from codepop.accounts.models import SignIn, User
from codepop.accounts.services import drop_factors
from codepop.accounts.tests.codes import code_clock, code_of
from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.accounts.tests.soft_passkey import SoftPasskey
from codepop.core.errors import NotFound
from codepop.core.models import AuditEntry
from codepop.kit.ids import uuid7

__all__ = ["code_clock"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("code_clock")]
ADA = "ada.canary@example.org"


@pytest.fixture(autouse=True)
def ada() -> User:
    cache.clear()
    return make_user(email=ADA, password=PASSWORD)


class App:
    """The app: keeps the session's token from answer to answer."""

    def __init__(self) -> None:
        self.token = ""
        self.status = 0

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"X-Session-Token": self.token} if self.token else {}
        send = getattr(Client(), method)
        url = f"/_allauth/app/v1/{path}"
        answer = send(url, headers=headers) if body is None else _json(send, url, body, headers)
        self.status = answer.status_code
        content = answer.json()
        self.token = content.get("meta", {}).get("session_token") or self.token
        return content

    def log_in(self) -> Any:
        return self.call("post", "auth/login", {"email": ADA, "password": PASSWORD})

    def confirm(self) -> None:
        self.call("post", "auth/reauthenticate", {"password": PASSWORD})
        assert self.status == 200

    def pending(self, answer: Any) -> str:
        return str(next(flow["id"] for flow in answer["data"]["flows"] if flow.get("is_pending")))

    def signed_in(self) -> bool:
        return Client().get("/api/v1/me", headers={"X-Session-Token": self.token}).status_code == 200


def _json(send: Any, url: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    return send(url, body, content_type="application/json", headers=headers)


def _with_totp() -> tuple[App, str]:
    app = App()
    app.log_in()
    app.confirm()
    secret = app.call("get", "account/authenticators/totp")["meta"]["secret"]
    assert app.status == 404  # none yet
    app.call("post", "account/authenticators/totp", {"code": code_of(secret)})
    assert app.status == 200
    cache.clear()
    return app, secret


@pytest.mark.req("SEC-09", "DB-08")
def test_a_code_is_asked_for_after_the_password_and_its_secret_is_ciphertext() -> None:
    _, secret = _with_totp()
    app = App()
    asked = app.log_in()
    assert (app.status, app.pending(asked)) == (401, "mfa_authenticate")
    assert not app.signed_in()
    app.call("post", "auth/2fa/authenticate", {"code": "000000" if code_of(secret) != "000000" else "111111"})
    assert app.status == 400
    assert not app.signed_in()
    app.call("post", "auth/2fa/authenticate", {"code": code_of(secret)})
    assert app.status == 200
    assert app.signed_in()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM mfa_authenticator t")
        assert secret not in cursor.fetchone()[0]


@pytest.mark.req("SEC-09", "DB-12")
def test_a_code_works_once_and_a_factor_leaves_a_row_in_the_audit_trail() -> None:
    _, secret = _with_totp()
    code = code_of(secret)
    first, second = App(), App()
    first.log_in()
    first.call("post", "auth/2fa/authenticate", {"code": code})
    assert first.status == 200
    second.log_in()
    second.call("post", "auth/2fa/authenticate", {"code": code})
    assert second.status == 400
    assert not second.signed_in()
    user = User.objects.get()
    rows = AuditEntry.objects.filter(action="account.factor_added").values_list("actor", "subject")
    assert (f"user:{user.id}", f"user:{user.id} totp") in set(rows)


@pytest.mark.req("SEC-09")
def test_factors_are_not_touched_without_the_password_once_more() -> None:
    app = App()
    app.log_in()
    app.call("post", "account/authenticators/totp", {"code": "123456"})
    assert app.status in (400, 401)
    assert not Authenticator.objects.exists()
    options = app.call("get", "account/authenticators/webauthn")
    assert app.status == 401
    assert "reauthenticate" in [flow["id"] for flow in options["data"]["flows"]]


@pytest.mark.req("SEC-09")
def test_a_recovery_code_signs_in_once_and_they_are_shown_once() -> None:
    owner, _ = _with_totp()
    owner.confirm()
    codes = owner.call("get", "account/authenticators/recovery-codes")["data"]["unused_codes"]
    assert len(set(codes)) == 10
    assert "unused_codes" not in owner.call("get", "account/authenticators/recovery-codes")["data"]
    app = App()
    app.log_in()
    app.call("post", "auth/2fa/authenticate", {"code": codes[0]})
    assert app.status == 200
    other = App()
    other.log_in()
    other.call("post", "auth/2fa/authenticate", {"code": codes[0]})
    assert other.status == 400
    assert not other.signed_in()


@pytest.mark.req("SEC-09", "SEC-10", "SEC-07")
def test_guessing_codes_is_stopped() -> None:
    _, secret = _with_totp()
    app = App()
    app.log_in()
    right = code_of(secret)
    wrong = next(code for code in ("000000", "111111", "222222") if code != right)
    for _ in range(5):
        app.call("post", "auth/2fa/authenticate", {"code": wrong})
    refused = app.call("post", "auth/2fa/authenticate", {"code": wrong})
    assert refused["errors"][0]["code"] == "too_many_login_attempts"
    again = App()
    assert again.log_in()["errors"][0]["code"] == "too_many_login_attempts"


def _with_passkey(passkey: SoftPasskey, *, name: str = "Phone", more: dict[str, str] | None = None) -> App:
    app = App()
    app.log_in()
    app.confirm()
    options = app.call("get", "account/authenticators/webauthn?passwordless")["data"]["creation_options"]
    body = {"name": name, "credential": {**passkey.create(options), **(more or {})}}
    app.call("post", "account/authenticators/webauthn", body)
    return app


@pytest.mark.req("SEC-09", "SEC-08")
def test_a_passkey_signs_in_without_a_password() -> None:
    passkey = SoftPasskey()
    owner = _with_passkey(passkey)
    assert owner.status == 200
    app = App()
    options = app.call("get", "auth/webauthn/login")["data"]["request_options"]
    app.call("post", "auth/webauthn/login", {"credential": passkey.get(options)})
    assert app.status == 200
    assert app.signed_in()
    asked = App()
    assert asked.pending(asked.log_in()) == "mfa_authenticate"
    options = asked.call("get", "auth/webauthn/authenticate")["data"]["request_options"]
    asked.call("post", "auth/webauthn/authenticate", {"credential": passkey.get(options)})
    assert asked.status == 200
    assert asked.signed_in()


def _stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM mfa_authenticator t")
        return str(cursor.fetchone()[0])


@pytest.mark.req("DB-08", "PAY-02", "SEC-09")
def test_what_a_person_calls_a_passkey_is_ciphertext_and_holds_no_card_number() -> None:
    passkey = SoftPasskey()
    app = _with_passkey(passkey, name="Ada's phone 4242 4242 4242 4242\n", more={"note": "canary of a browser"})
    assert app.status == 200
    path = "account/authenticators/webauthn"
    [kept] = [one for one in app.call("get", "account/authenticators")["data"] if one["type"] == "webauthn"]
    assert kept["name"].startswith("Ada's phone")
    assert "4242" not in kept["name"]
    refused = app.call("put", path, {"id": kept["id"], "name": "4242424242424242"})
    assert (app.status, refused["errors"][0]["param"]) == (400, "name")
    assert app.call("put", path, {"id": kept["id"], "name": "e1:Ada's tablet"})["data"]["name"] == "e1:Ada's tablet"
    stored = _stored()
    assert not [word for word in ("Ada", "4242", "canary", "tablet") if word in stored]
    again = App()
    options = again.call("get", "auth/webauthn/login")["data"]["request_options"]
    again.call("post", "auth/webauthn/login", {"credential": passkey.get(options)})
    assert again.signed_in()
    names = [one["name"] for one in app.call("get", "account/authenticators")["data"] if one["type"] == "webauthn"]
    assert names == ["e1:Ada's tablet"]


@pytest.mark.req("SEC-09")
def test_another_key_an_old_answer_or_another_site_does_not_sign_in() -> None:
    passkey = SoftPasskey()
    _with_passkey(passkey)
    app = App()
    options = app.call("get", "auth/webauthn/login")["data"]["request_options"]
    answer = passkey.get(options)
    stranger = SoftPasskey()
    stranger.create({"publicKey": {"user": {"id": answer["response"]["userHandle"]}, "challenge": "AAAA"}})
    for bad in (stranger.get(options), SoftPasskey(origin="https://evil.example").get(options)):
        app.call("post", "auth/webauthn/login", {"credential": bad})
        assert app.status == 400
    app.call("post", "auth/webauthn/login", {"credential": answer})
    assert app.status == 200
    replay = App()
    replay.call("get", "auth/webauthn/login")
    replay.call("post", "auth/webauthn/login", {"credential": answer})
    assert replay.status == 400
    assert not replay.signed_in()


@pytest.mark.req("SEC-09", "DB-12")
def test_an_operator_takes_lost_factors_off(ada: User) -> None:
    app, _ = _with_totp()
    assert drop_factors(user_id=ada.id, actor="user:admin", note="lost phone") == 2
    assert not Authenticator.objects.exists()
    assert not SignIn.objects.exists()
    assert not app.signed_in()
    assert AuditEntry.objects.filter(action="account.drop_factors", subject=f"user:{ada.id}").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_message WHERE kind = 'security_changed'")
        assert cursor.fetchone()[0] == 2  # it was set up, it was taken off
    with pytest.raises(NotFound):
        drop_factors(user_id=uuid7(), actor="user:admin", note="")


@pytest.mark.req("SEC-10")
def test_the_command_line_helps_people_in(ada: User, capsys: pytest.CaptureFixture[str]) -> None:
    for action, says in (
        ("unlock", "was not locked"),
        ("drop-factors", "0 taken off; signed out everywhere; told by mail"),
        ("sign-out", "0 sessions ended"),
    ):
        call_command("people", action, "--email", ADA, "--note", "asked by phone")
        assert capsys.readouterr().out.strip() == says
