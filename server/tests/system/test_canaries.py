"""Canaries: a person's address, a card number and every secret of an order are planted, then searched for.

Where: a dump of the whole database (jobs, sessions, stored answers included), all logs of all processes, and
what the sandbox keeps. None of them may be there in plain text. Every kind of personal data is planted once: whoever
adds one plants it in `planted.py`.
"""

import os
import subprocess
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from server.tests.system.guest import CARD, EMAIL, Guest
from server.tests.system.planted import invite_canary, plant_account
from tools.card_scan import card_numbers
from tools.postgres import program
from tools.system import System

SIGN_IN = {"email": "customer@codepop.example", "password": "codepop-demo"}
BINARY = (".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".db", ".db-wal", ".db-shm")
"""Numbers beside one another in a binary file are no text; the card itself is looked for in these, too."""


def _sign_in(system: System) -> str:
    """Sign in on the web page; return the session's cookie."""
    with httpx.Client(base_url=system.addresses["web"], timeout=30) as page:
        page.get("/")
        headers = {"X-CSRFToken": str(page.cookies["csrftoken"])}
        answer = page.post("/_allauth/browser/v1/auth/login", json=SIGN_IN, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(page.cookies["sessionid"])


def _dump(system: System) -> str:
    command = [str(program("pg_dump")), "--no-owner", "--inserts", "--dbname", system.database.owner]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _texts_below(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_bytes().decode(errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and "postgres" not in path.parts and path.name != "devices.json"
    }


MAILED = frozenset(
    {
        "client secret",
        "guest's address",
        "customer's address",
        "member's address",
        "member's name",
        "key of the confirmation",
        "invited person's address",
        "invited name",
    }
)
"""What Stripe or a mailbox holds by right, and so the sandbox that plays them."""


@pytest.mark.req("DB-08", "PAY-02", "PAY-29", "SEC-12", "SEC-14", "OBS-08")
def test_no_canary_in_dump_logs_jobs_or_files(system: System) -> None:
    with closing(Guest(system)) as guest:
        guest.order()
        guest.pay()
        guest.fetch()
    planted = {
        **guest.secrets,
        **plant_account(system),
        **invite_canary(system),
        "guest's address": EMAIL,
        "customer's address": SIGN_IN["email"],
        "card number": CARD,
        "password": SIGN_IN["password"],
        "page's session cookie": _sign_in(system),
    }
    places = {"database dump": _dump(system), **_texts_below(system.data)}
    assert "ordering_order" in places["database dump"]
    assert any(name.startswith("logs" + os.sep) and text for name, text in places.items())
    found = [
        (secret, place)
        for secret, value in planted.items()
        for place, text in places.items()
        if value.lower() in text.lower() and not _kept_by_its_owner(secret, place)
    ]
    assert found == []
    assert "UEsDB" not in places["database dump"], "a person's file lies open"
    for table in ("profile_tastes", "profile_healthnotes", "profile_favourite", "privacy_export", "mfa_authenticator"):
        rows = [row for row in places["database dump"].splitlines() if row.startswith(f"INSERT INTO public.{table} ")]
        assert [row for row in rows if "e1:" in row], table
        assert [row for row in rows if "shellfish" in row or "caffeine_free" in row] == []
    requests = httpx.get(f"{system.addresses['sandbox']}/_sandbox/stripe/requests", params={"limit": "500"}).text
    assert "payment_methods" in requests
    assert not [secret for secret in MAILED - {"client secret"} if planted[secret] in requests]
    scanned = {**places, "the sandbox's request log": requests}
    cards = {place: card_numbers(text) for place, text in scanned.items() if not place.endswith(BINARY)}
    assert {place: numbers for place, numbers in cards.items() if numbers} == {}


def _kept_by_its_owner(secret: str, place: str) -> bool:
    """What has to be there: the sandbox plays Stripe, which holds the secret it gave out, and the mail server, whose
    mailbox holds letters with their addresses; demo log-ins are public by design. (That Stripe is told no address is
    looked at apart, in its request log.)
    """
    theirs = place.startswith("sandbox" + os.sep)
    return (theirs and secret in MAILED) or place in ("run.json", "prepared.json")
