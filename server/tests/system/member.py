"""Somebody with an account, made over HTTP as the app makes it, and their mailbox at the sandbox."""

import re
import time
from dataclasses import dataclass
from uuid import uuid4

import httpx

from tools.system import System

PASSWORD = "peach and lime 7"
PATIENCE_SECONDS = 90.0


@dataclass(frozen=True)
class Member:
    """An account whose address is confirmed."""

    email: str
    password: str = PASSWORD


def new_email(name: str) -> str:
    """Return an address that no other test uses."""
    return f"{name}.{uuid4().hex[:10]}@example.org"


def mails(system: System, to: str) -> list[dict[str, str]]:
    """Return what arrived at an address, newest first."""
    address = f"{system.addresses['sandbox']}/_sandbox/mail/messages"
    answer = httpx.get(address, params={"to": to, "limit": 50}, timeout=30)
    answer.raise_for_status()
    return list(answer.json()["messages"])


def link_to(system: System, email: str, screen: str, *, used: frozenset[str] = frozenset()) -> str:
    """Wait for a mail with a link to this screen that was not used before; return the path of the link."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        texts = [mail["text"] for mail in mails(system, email)]
        for text in texts:
            for path in re.findall(rf"https?://[^/\s]+(/{screen}[^\s]*)", text):
                if path not in used:
                    return str(path)
        assert time.monotonic() < end, f"no link to /{screen} for {email} in {texts}"
        time.sleep(0.3)


def bounce(system: System, to: str) -> None:
    """Let the newest mail to an address come back."""
    newest = mails(system, to)[0]["id"]
    address = f"{system.addresses['sandbox']}/_sandbox/mail/messages/{newest}/events"
    httpx.post(address, json={"kind": "bounce"}, timeout=30).raise_for_status()


def sign_up(system: System, name: str) -> Member:
    """Make an account and confirm its address."""
    member = Member(new_email(name))
    with httpx.Client(base_url=f"{system.addresses['web']}/_allauth/app/v1", timeout=60) as app:
        given = {"email": member.email, "password": member.password}
        answer = app.post("/auth/signup", json=given)
        assert answer.status_code == 401, answer.text
        key = link_to(system, member.email, "account/verify").rpartition("/")[2]
        assert app.post("/auth/email/verify", json={"key": key}).status_code in (200, 401)
    return member
