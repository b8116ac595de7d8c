"""What holds for every address of the URL table, whoever asks and however: the list is made from the table itself."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import resolve

from codepop.accounts.roles import Role
from codepop.accounts.tests.factories import PASSWORD, make_staff, make_user
from codepop.api.root import SERVER_ERROR
from config.env import read_env
from config.settings.csp import payment_page_policy
from config.tests.test_env import LIVE
from tests.hardening.routes import METHODS, ask, routes

pytestmark = pytest.mark.django_db

EVIL: Final = "https://evil.example"
SECRET: Final = "the-inner-life-of-the-server"
_CHANGES: Final = re.compile(r'\b(?:INSERT INTO|UPDATE(?! OF| SKIP| NOWAIT)|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
KEPT_AND_CHECKED: Final = "no-cache"
"""The few public answers that a browser may keep, but asks about before each use."""


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Log lines of a thousand refused requests would take longer than the requests."""
    cache.clear()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read what is streamed to its end: the app's page is a file, which stays open until then."""
    request = Client.request

    def whole(self: Client, **environment: Any) -> Any:
        answer = request(self, **environment)
        if answer.streaming:
            answer.streaming_content = [b"".join(answer.streaming_content)]  # type: ignore[attr-defined]
        return answer

    monkeypatch.setattr(Client, "request", whole)


def _paths() -> list[str]:
    return [route.path for route in routes()]


def _policy(text: str) -> dict[str, list[str]]:
    return {name: sources.split() for name, _, sources in (part.partition(" ") for part in text.split("; "))}


def test_the_list_of_routes_is_the_whole_table() -> None:
    paths = _paths()
    assert len(paths) > 100
    assert {"/", "/api/v1/quotes", "/device/v1/claim", "/webhooks/stripe", "/staff/sign-in", "/ops/health"} <= {*paths}
    assert [path for path in paths if "<" in path or "^" in path] == []
    for route in routes():
        assert resolve(route.path)


@pytest.mark.req("SEC-06")
def test_a_get_changes_nothing() -> None:
    """Not even for somebody who may do everything: but for counting who asks how often, and when a device was seen."""
    client = Client()
    client.force_login(make_staff(role=Role.SUPER_ADMIN), backend="allauth.account.auth_backends.AuthenticationBackend")
    with CaptureQueriesContext(connection) as asked:
        for path in _paths():
            if not path.startswith("/staff/sign-out"):
                ask(client, "GET", path)
    statements = [query["sql"] for query in asked.captured_queries]
    assert len(statements) > 200
    changed = {found[1] for sql in statements if (found := _CHANGES.search(sql))}
    assert changed <= {"core_cache", "django_session", "accounts_signin"}


@pytest.mark.req("SEC-06")
@pytest.mark.parametrize("method", METHODS)
def test_every_answer_carries_what_browsers_need_to_hold_a_page_together(method: str) -> None:
    for path in _paths():
        answer = ask(Client(), method, path)
        where = f"{method} {path} -> {answer.status_code}"
        policy = _policy(answer["Content-Security-Policy"])
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], where
        assert policy["default-src"] == policy["form-action"] == ["'self'"], where
        if path == "/":  # the app's page: Stripe's script gives its frames style attributes
            assert policy.pop("style-src-attr", []) in ([], ["'unsafe-inline'"]), where
        sources = [one for listed in policy.values() for one in listed]
        loose = [one for one in sources if one in ("*", "http:", "https:") or "unsafe" in one]
        assert loose == [], where
        assert answer["X-Content-Type-Options"] == "nosniff", where
        assert answer["Referrer-Policy"] == "same-origin", where
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", where
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", where
        assert "camera=()" in answer["Permissions-Policy"], where
        assert not answer.has_header("Server"), where
        assert not answer.has_header("X-Powered-By"), where


@pytest.mark.req("SEC-05", "SEC-06")
@pytest.mark.parametrize("method", METHODS)
def test_every_answer_says_what_it_is_and_nothing_fails(method: str) -> None:
    for path in _paths():
        answer = ask(Client(), method, path)
        assert answer.status_code < 500 or path == "/", f"{method} {path} -> {answer.status_code}"
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        kind = answer.headers.get("Content-Type", "")
        assert not body or kind, f"{method} {path} says no type"
        if kind.startswith("text/"):
            assert "charset=" in kind, f"{method} {path}: {kind}"
        if kind.startswith("application/json") and body:
            json.loads(body)


@pytest.mark.req("SEC-06")
@pytest.mark.parametrize("who", ["nobody", "a customer", "a super admin"])
def test_no_personal_answer_may_be_kept(who: str) -> None:
    client = Client()
    if who != "nobody":
        client.force_login(
            make_user() if who == "a customer" else make_staff(role=Role.SUPER_ADMIN),
            backend=settings.AUTHENTICATION_BACKENDS[0],
        )
    public = {"/", "/api/v1/config", "/api/v1/stores/no-such-thing/menu"}
    for path in _paths():
        kept = ask(client, "GET", path).headers["Cache-Control"]
        assert "no-store" in kept or (path in public and kept == KEPT_AND_CHECKED), f"{path}: {kept}"


@pytest.mark.req("SEC-06")
def test_no_other_origin_is_let_in() -> None:
    for path in _paths():
        for method in ("GET", "OPTIONS"):
            answer = ask(Client(), method, path, HTTP_ORIGIN=EVIL, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")
            shown = [name for name in answer.headers if name.lower().startswith("access-control-")]
            assert shown == [], f"{method} {path}"


@pytest.mark.req("SEC-06")
def test_no_other_host_name_is_answered() -> None:
    for path in _paths():
        answer = ask(Client(), "GET", path, HTTP_HOST="evil.example")
        assert answer.status_code == 400, path
        assert b"evil.example" not in answer.content, path


@pytest.mark.req("SEC-06")
@pytest.mark.parametrize("target", [EVIL, "//evil.example/x", "/\\evil.example", "javascript:alert(1)"])
def test_no_address_leads_elsewhere(target: str) -> None:
    admin = Client()
    admin.force_login(make_staff(role=Role.SUPER_ADMIN), backend=settings.AUTHENTICATION_BACKENDS[0])
    for path in _paths():
        for client in (Client(), admin):
            answer = client.get(path, {"next": target, "redirect": target, "return_url": target, "url": target})
            to = answer.headers.get("Location", "/")
            assert to.startswith("/"), f"{path} leads to {to}"
            assert not to.startswith(("//", "/\\")), f"{path} leads to {to}"


@pytest.mark.req("SEC-06")
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_no_method_does_anything_that_is_not_meant_to(method: str) -> None:
    for path in _paths():
        answer = Client().generic(method, path, HTTP_X_CANARY=SECRET)
        assert answer.status_code >= 300, f"{method} {path} -> {answer.status_code}"
        assert SECRET.encode() not in answer.getvalue(), path


@pytest.mark.req("SEC-05")
@pytest.mark.parametrize("length", ["1000001", "-1", "nonsense"])
def test_a_long_body_is_refused_before_it_is_read_everywhere(length: str) -> None:
    for path in _paths():
        answer = Client().generic("POST", path, b"", "application/json", CONTENT_LENGTH=length)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large"), path


@pytest.mark.req("SEC-05")
def test_no_form_takes_files() -> None:
    answer = Client().post("/staff/sign-in", {"email": "a@example.org", "photo": _file()})
    assert answer.status_code == 400
    for path in _paths():
        assert Client().post(path, {"photo": _file()}).status_code not in (200, 201, 202, 204), path


def _file() -> BytesIO:
    file = BytesIO(b"GIF89a<script>")
    file.name = "../../evil.html"
    return file


@pytest.mark.req("SEC-06")
def test_what_goes_wrong_inside_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: HttpRequest, **_values: Any) -> None:
        raise RuntimeError(SECRET)

    client = Client(raise_request_exception=False)
    for route in (route for route in routes() if "/phone" not in route.path):  # allauth's own, which nobody reaches
        with monkeypatch.context() as patch:
            for other in routes():
                if other.path == route.path:
                    patch.setattr(other.pattern, "callback", broken)
            answer = client.get(route.path)
        assert answer.status_code == 500, route.path
        assert answer.json()["error"] == {"code": "server_error", "message": SERVER_ERROR, "fields": {}}, route.path
        assert answer["Cache-Control"] == "no-store", route.path


@pytest.mark.req("SEC-06")
def test_what_goes_wrong_behind_the_gate_is_not_told_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_values: Any, **_more: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("codepop.api.root.admit", broken)
    client = Client(raise_request_exception=False)
    failed = 0
    for path in (path for path in _paths() if path.startswith("/api/v1/")):
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = ask(client, method, path)
            assert SECRET.encode() not in answer.content, path
            failed += answer.status_code == 500
    assert failed > 40


# --- production -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the production settings say, read by a process of their own."""
    names = (
        "DEBUG SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_REDIRECT_EXEMPT"
        " SESSION_COOKIE_NAME SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE"
        " CSRF_COOKIE_NAME CSRF_COOKIE_SECURE CSRF_COOKIE_SAMESITE SESSION_COOKIE_DOMAIN CSRF_COOKIE_DOMAIN"
        " SESSION_COOKIE_PATH CSRF_COOKIE_PATH ALLOWED_HOSTS"
    )
    program = (
        "import json, django, config.settings.production;"
        "from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {names.split()!r}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(settings.BASE_DIR) / "server",
        env={
            **LIVE,
            "DATABASE_URL": "postgresql://u:p@127.0.0.1/x",
            "CODEPOP_DATA": str(tmp_path_factory.mktemp("production")),
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "PYTHONPATH": str(Path(settings.BASE_DIR) / "server"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _tls_settings(production: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in production.items() if name.startswith(("SECURE_", "SESSION_", "CSRF_"))}


@pytest.mark.req("SEC-03", "SEC-06")
def test_in_production_every_answer_over_tls_demands_tls_for_a_year(production: dict[str, Any]) -> None:
    assert production["DEBUG"] is False
    assert production["ALLOWED_HOSTS"] == ["codepop.example"]
    with override_settings(**_tls_settings(production)):
        for path in _paths():
            answer = Client().get(path, secure=True)
            assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", path


@pytest.mark.req("SEC-03")
def test_in_production_pages_lead_to_tls_and_programs_are_refused_without(production: dict[str, Any]) -> None:
    with override_settings(**_tls_settings(production)):
        for path in _paths():
            answer = Client().get(path)
            if path.startswith("/ops/"):
                continue  # asked from inside, where there is no TLS end
            if path.startswith(("/api/", "/device/", "/webhooks/", "/_allauth/")):
                assert (answer.status_code, answer.json()["error"]["code"]) == (403, "tls_needed"), path
            else:
                assert answer.status_code == 301, path
                assert answer["Location"].startswith("https://testserver/"), path


@pytest.mark.req("SEC-06", "SEC-08")
def test_in_production_cookies_are_for_this_host_over_tls_only(production: dict[str, Any]) -> None:
    with override_settings(**_tls_settings(production), CSRF_COOKIE_HTTPONLY=False):
        client = Client()
        client.get("/staff/sign-in", secure=True)
        make_user(email="ada.canary@example.org", password=PASSWORD)
        body = {"email": "ada.canary@example.org", "password": PASSWORD}
        client.post("/_allauth/browser/v1/auth/login", body, content_type="application/json", secure=True)
        session, csrf = client.cookies["__Host-sessionid"], client.cookies["__Host-csrftoken"]
        for cookie in (session, csrf):
            assert cookie["secure"], cookie.key
            assert (cookie["path"], cookie["domain"] or "", cookie["samesite"]) == ("/", "", "Lax"), cookie.key
            assert len(cookie.OutputString()) < 4096
        assert session["httponly"]
        assert client.get("/api/v1/me", secure=True).status_code == 200


@pytest.mark.req("SEC-06", "PAY-02")
def test_the_real_payment_provider_widens_one_page_only(tmp_path: Path) -> None:
    env = read_env(LIVE | {"DATABASE_URL": "postgresql://u:p@127.0.0.1/x", "CODEPOP_DATA": str(tmp_path)})
    policy = _policy(payment_page_policy(env))
    assert policy["script-src"] == ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"]
    assert "unsafe-inline" not in settings.CONTENT_SECURITY_POLICY
    assert not any("stripe" in one for sources in _policy(settings.CONTENT_SECURITY_POLICY).values() for one in sources)
    assert settings.CODEPOP.sandbox_url not in settings.CONTENT_SECURITY_POLICY
