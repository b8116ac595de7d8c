"""What the log says about who comes in, who is refused and what breaks, and that nobody else writes into it."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from django.core.cache import cache
from django.test import Client

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.services import give_totp, grant_role
from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.core.db import transaction
from codepop.core.log import get_logger

pytestmark = pytest.mark.django_db
EMAIL = "ada.canary@example.org"


class Lines:
    """What the product's own handler has written meanwhile."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def text(self) -> str:
        return self._stream.getvalue()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]

    def named(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Read what goes out, in the form in which it goes out."""
    cache.clear()
    [own] = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    copy = logging.StreamHandler(io.StringIO())
    copy.setFormatter(own.formatter)
    logging.getLogger().addHandler(copy)
    yield Lines(copy.stream)
    logging.getLogger().removeHandler(copy)


@pytest.mark.req("OBS-08")
def test_a_line_says_when_in_utc_what_and_for_which_request(lines: Lines) -> None:
    answer = Client().get("/api/v1/me", headers={"X-Request-Id": "canary-of-a-request"})
    assert answer["X-Request-Id"] == "canary-of-a-request"
    [line] = lines.named("Unauthorized: /api/v1/me")
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == datetime.now(UTC).utcoffset()
    assert (line["request_id"], line["level"], line["logger"]) == ("canary-of-a-request", "warning", "django.request")


@pytest.mark.req("SEC-07", "OBS-08")
def test_a_sign_in_and_a_refused_one_leave_a_line(lines: Lines) -> None:
    user = make_user(email=EMAIL, password=PASSWORD)
    for password in ("not-it-at-all", PASSWORD):
        body = {"email": EMAIL, "password": password}
        Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    assert len(lines.named("password_refused")) == 1
    [signed_in] = lines.named("signed_in")
    assert (signed_in["user"], signed_in["by"]) == (str(user.id), ["password"])
    assert EMAIL not in lines.text()
    assert PASSWORD not in lines.text()


@pytest.mark.req("SEC-07", "SEC-09", "OBS-08")
def test_a_wrong_second_factor_and_the_staffs_sign_in_leave_a_line(lines: Lines) -> None:
    user = make_user(email=EMAIL, password=PASSWORD)
    with transaction():
        grant_role(user_id=user.id, role=Role.MANAGER, scope_kind=ScopeKind.CHAIN, scope_id=None)
    for password in ("not-it-at-all", PASSWORD):
        Client().post("/staff/sign-in", {"email": user.email, "password": password})
    assert len(lines.named("password_refused")) == 1
    assert [line["by"] for line in lines.named("signed_in")] == [["password"]]
    with transaction():
        give_totp(user_id=user.id, secret="JBSWY3DPEHPK3PXP")  # a secret of this test's own
    body = {"email": user.email, "password": PASSWORD}
    asked = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json").json()
    Client().post(
        "/_allauth/app/v1/auth/2fa/authenticate",
        {"code": "not-it"},
        content_type="application/json",
        headers={"X-Session-Token": asked["meta"]["session_token"]},
    )
    [refused] = lines.named("second_factor_refused")
    assert refused["user"] == str(user.id)


@pytest.mark.req("SEC-07")
def test_an_attempt_to_get_round_leaves_a_line(lines: Lines) -> None:
    for _ in range(6):
        body = {"email": EMAIL, "password": "not-it-at-all"}
        Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    assert lines.named("sign_in_locked")
    Client().post("/webhooks/stripe", b"{}", content_type="application/json")
    assert lines.named("webhook_refused")


@pytest.mark.req("OBS-08")
def test_what_goes_wrong_inside_leaves_a_line_with_the_requests_id(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_values: Any, **_more: Any) -> None:
        raise RuntimeError("the reason")

    monkeypatch.setattr("codepop.api.root.admit", broken)
    answer = Client(raise_request_exception=False).get("/api/v1/me")
    [line] = lines.named("unexpected_error")
    assert line["request_id"] == answer["X-Request-Id"]
    assert "RuntimeError: the reason" in line["exception"]
    assert b"the reason" not in answer.content


@pytest.mark.req("OBS-08")
@pytest.mark.parametrize("text", ['x"}\n{"event": "forged"}', "x\r\n\x1b[2Jforged", "x\u2028forged"])
def test_nobody_writes_a_line_of_their_own(lines: Lines, text: str) -> None:
    get_logger("codepop.tests").info("said", words=text)
    Client().get("/api/v1/nothing", {"q": text}, headers={"X-Request-Id": "x\nforged", "User-Agent": text})
    assert [line["words"] for line in lines.named("said")] == [text]
    assert lines.named("forged") == []
    assert "\x1b" not in lines.text()
