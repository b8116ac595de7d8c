"""What every answer carries, whoever asked."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from codepop.core.middleware import by_session, security_headers


@pytest.mark.req("SEC-06")
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/ops/health", "/api/v1/nothing", "/device/v1/commands", "/staff/"])
def test_every_kind_of_answer_carries_the_one_policy(path: str) -> None:
    policy = Client().get(path).headers["Content-Security-Policy"]
    assert policy == settings.CONTENT_SECURITY_POLICY
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


def test_what_an_answer_brings_is_kept() -> None:
    own = HttpResponse(headers={"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-cache"})
    answer = security_headers(lambda _request: own)(HttpRequest())
    assert (answer["Content-Security-Policy"], answer["Cache-Control"]) == ("default-src 'none'", "no-cache")


@pytest.mark.parametrize(
    ("path", "cookie", "wanted"),
    [
        ("/api/v1/quotes", "", False),
        ("/device/v1/commands", "", False),
        ("/webhooks/stripe", "", False),
        ("/api/v1/quotes", "a-session", True),
        ("/staff/", "", True),
        ("/_allauth/browser/v1/config", "", True),
        ("/mail/choices/x", "", True),
        ("/", "", True),
    ],
)
def test_a_session_matters_on_pages_and_to_who_sends_one(path: str, cookie: str, wanted: bool) -> None:
    request = RequestFactory().get(path)
    if cookie:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = cookie
    assert by_session(request) is wanted
