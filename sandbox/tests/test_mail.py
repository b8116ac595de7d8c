"""The sandbox's SMTP server, judged by Python's own client: what it refuses, what it keeps, and what it tells later."""

import base64
import json
import smtplib
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from sandbox.tests.axe import violations
from sandbox.tests.running import Sandbox, wait_until
from tools.browser import ensure

USER, PASSWORD = "codepop", "sandbox"


@pytest.fixture
def mailbox(sandbox: Sandbox) -> Sandbox:
    """The running sandbox with an empty mailbox."""
    sandbox.control("DELETE", "mail/messages")
    return sandbox


def _connect(sandbox: Sandbox, *, login: bool = True, password: str = PASSWORD) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5)
    try:
        client.starttls(context=ssl.create_default_context(cafile=sandbox.folder / "smtp-ca.pem"))
        if login:
            client.login(USER, password)
    except BaseException:
        client.close()
        raise
    return client


def _letter(to: str = "ada@example.org", html: str = "<p>Hello</p>", subject: str = "A-1042: paid ✓") -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "CodePop <drinks@codepop.example>", to, subject
    letter["Message-ID"] = "<1@codepop.example>"
    letter.set_content("Hello, Ada.")
    letter.add_alternative(html, subtype="html")
    return letter


def _messages(sandbox: Sandbox, to: str = "ada@example.org") -> list[dict[str, Any]]:
    return list(sandbox.control("GET", f"mail/messages?to={to}")["messages"])


def test_a_letter_is_kept_as_a_person_would_read_it(mailbox: Sandbox) -> None:
    with _connect(mailbox) as client:
        client.send_message(_letter())
    [kept] = _messages(mailbox)
    assert kept["recipients"] == ["ada@example.org"]
    assert kept["subject"] == "A-1042: paid ✓"
    assert kept["message_id"] == "<1@codepop.example>"
    assert (kept["text"].strip(), kept["html"].strip()) == ("Hello, Ada.", "<p>Hello</p>")
    assert (kept["tls"], kept["user"]) == ("TLSv1.3", USER)


def test_nothing_is_taken_before_tls_and_log_in(mailbox: Sandbox) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=5) as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a@example.org>")[0] == 530
    with _connect(mailbox, login=False) as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a@example.org>")[0] == 530
    with pytest.raises(smtplib.SMTPAuthenticationError):
        _connect(mailbox, password="wrong")
    assert _messages(mailbox) == []


def test_its_certificate_is_trusted_by_its_own_file_only(mailbox: Sandbox) -> None:
    client = smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=5)
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=ssl.create_default_context())
    finally:
        client.close()


def test_two_passwords_live_while_one_is_replaced(mailbox: Sandbox) -> None:
    assert mailbox.control("POST", "mail/credentials", add="codepop:next")["live"] == 2
    try:
        for password in (PASSWORD, "next"):
            _connect(mailbox, password=password).quit()
        mailbox.control("POST", "mail/credentials", revoke=f"{USER}:{PASSWORD}")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            _connect(mailbox)
    finally:
        mailbox.control("POST", "mail/credentials", add=f"{USER}:{PASSWORD}")
        mailbox.control("POST", "mail/credentials", revoke="codepop:next")


@pytest.mark.parametrize(
    ("kind", "code", "kept"), [("smtp_refuse", 550, 0), ("smtp_greylist", 451, 0), ("smtp_spam", 554, 0)]
)
def test_fault_gives_its_code_once(mailbox: Sandbox, kind: str, code: int, kept: int) -> None:
    mailbox.fault(kind, remaining=1, endpoints=["ada@*"])
    with _connect(mailbox) as client:
        with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)) as caught:
            client.send_message(_letter())
        assert str(code) in str(caught.value)
        assert len(_messages(mailbox)) == kept
        client.send_message(_letter())
    assert len(_messages(mailbox)) == kept + 1


def test_outage_turns_connections_away(mailbox: Sandbox) -> None:
    mailbox.fault("smtp_outage", remaining=1)
    with pytest.raises(smtplib.SMTPConnectError, match="421"):
        smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=5)
    _connect(mailbox).quit()


@pytest.mark.parametrize("kind", ["smtp_cut", "smtp_timeout"])
def test_the_answer_is_lost_and_the_letter_is_not(mailbox: Sandbox, kind: str) -> None:
    mailbox.fault(kind, remaining=1, delay_ms=3000)
    client = _connect(mailbox)
    assert client.sock is not None
    client.sock.settimeout(0.5)
    with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
        client.send_message(_letter())
    assert len(_messages(mailbox)) == 1


def test_mailbox_outlives_a_restart(tmp_path: Path) -> None:
    own = Sandbox(tmp_path)
    own.start()
    try:
        with _connect(own) as client:
            client.send_message(_letter())
        authority = (tmp_path / "smtp-ca.pem").read_bytes()
        own.stop(kill=True)
        own.start()
        assert len(_messages(own)) == 1
        assert (tmp_path / "smtp-ca.pem").read_bytes() == authority
        assert (tmp_path / "smtp-server.pem").stat().st_mode & 0o077 == 0
    finally:
        own.stop()


def test_a_bounce_is_told_later_by_webhook(tmp_path: Path) -> None:
    told: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.append((self.headers["Authorization"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    own = Sandbox(tmp_path, SANDBOX_MAIL_WEBHOOK_URL=f"http://127.0.0.1:{server.server_address[1]}/hook")
    own.start()
    try:
        own.fault("smtp_bounce", delay_ms=20, remaining=1)
        with _connect(own) as client:
            client.send_message(_letter())
        wait_until(lambda: told, 5, "the bounce")
        [kept] = _messages(own)
        own.control("POST", f"mail/messages/{kept['id']}/events", kind="complaint")
        wait_until(lambda: len(told) == 2, 5, "the complaint")
    finally:
        own.stop()
        server.shutdown()
        server.server_close()
    login = "Basic " + base64.b64encode(b"mail:sandbox").decode()
    assert [authorization for authorization, _ in told] == [login, login]
    assert [body["Type"] for _, body in told] == ["HardBounce", "SpamComplaint"]
    assert {body["Email"] for _, body in told} == {"ada@example.org"}


def test_wrong_control_calls_say_why(mailbox: Sandbox) -> None:
    for path, body in (("messages/mail_none/events", {"kind": "bounce"}), ("credentials", {"colour": "red"})):
        assert httpx.post(f"{mailbox.url}/_sandbox/mail/{path}", json=body).status_code == 400


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(ensure()), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_mailbox_page_shows_a_letter_that_can_do_nothing(
    browser: Browser, mailbox: Sandbox, width: int, scheme: Any
) -> None:
    evil = "<p>Hello</p><script>document.body.textContent='owned'</script><img src=x onerror=alert(1)>"
    with _connect(mailbox) as client:
        client.send_message(_letter(html=evil))
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{mailbox.url}/mailbox")
    page.get_by_role("link", name="A-1042: paid").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A-1042: paid ✓")
    expect(page.frame_locator("iframe").get_by_text("Hello")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("owned")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page.main_frame) == []
    page.close()
