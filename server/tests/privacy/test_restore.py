"""Yesterday's backup is restored: who was erased since then comes back with it, and is erased again."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from codepop.kit.ids import uuid7
from codepop.notifications import services as notifications
from codepop.ordering.machine import Status
from codepop.ordering.tests.http import Shopper
from codepop.privacy import services
from codepop.privacy.models import ErasureState
from tests.mail_side import call
from tests.privacy.people import ADA, end_order, order_and_pay, save_card, signed_in
from tests.stripe_side import run_jobs
from tools.postgres import program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
GUEST = "guest.canary@example.org"


def _address(database: str) -> str:
    facts: dict[str, Any] = connection.settings_dict
    secret = f":{quote(facts['PASSWORD'])}" if facts["PASSWORD"] else ""
    return f"postgresql://{facts['USER']}{secret}@{facts['HOST']}:{facts['PORT']}/{database}"


def _run(*command: str, **more: Any) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, **more)


@pytest.fixture
def restored() -> Iterator[str]:
    """The name of an empty database, which is dropped again."""
    name = f"restored_{uuid7().hex}"
    with psycopg.connect(_address(str(connection.settings_dict["NAME"])), autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}"')
        yield name
        owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _working_on(database: str) -> Iterator[None]:
    """Have this process use another database, as an operator's command after a restore does."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _privacy(database: str, *words: str) -> tuple[int, str]:
    """The command, as an operator runs it against the restored database."""
    out, code = StringIO(), 0
    with _working_on(database):
        try:
            call_command("privacy", *words, stdout=out, stderr=out)
        except SystemExit as end:
            code = int(end.code or 0)
    return code, out.getvalue()


def _books(database: str) -> list[Any]:
    with psycopg.connect(_address(database)) as there:
        orders = there.execute("SELECT number, total_cents, tax_cents FROM ordering_order ORDER BY number").fetchall()
        ledger = there.execute("SELECT account, sum(amount_cents) FROM payments_ledgerentry GROUP BY 1 ORDER BY 1")
        return [*orders, *ledger.fetchall()]


def _erase(email: str) -> None:
    erasure = services.order_erasure(email=email)
    services.advance(erasure_id=erasure)
    notifications.deliver_due()
    run_jobs()
    assert services.advance(erasure_id=erasure).state == ErasureState.DONE


@pytest.mark.req("DB-15", "D16", "SEC-02")
def test_who_was_erased_is_erased_again_after_a_restore(restored: str, tmp_path: Path) -> None:
    settings.CODEPOP.tombstone_file.unlink(missing_ok=True)
    _, shopper = signed_in()
    save_card(shopper)
    shop = order_and_pay(shopper)
    guest = Shopper(Client(), email=GUEST)
    order_and_pay(guest, shop, email=GUEST)
    for one in (shopper, guest):
        end_order(one.order_id, Status.PICKED_UP)
    notifications.deliver_due()
    yesterday = tmp_path / "yesterday.dump"
    here = _address(str(connection.settings_dict["NAME"]))
    _run(str(program("pg_dump")), "--format=custom", f"--file={yesterday}", f"--dbname={here}")
    _erase(ADA)
    _erase(GUEST)
    call("/mail/messages", method="DELETE")
    _run(str(program("pg_restore")), f"--dbname={_address(restored)}", str(yesterday))
    before = _books(restored)
    code, said = _privacy(restored, "find", ADA)
    assert (code, "accounts.User" in said, "payments.Payer" in said) == (1, True, True)
    assert _privacy(restored, "find", GUEST)[0] == 1
    code, said = _privacy(restored, "reapply")
    assert (code, "2 had come back" in said) == (0, True), said
    for email in (ADA, GUEST):
        code, said = _privacy(restored, "find", email)
        assert (code, said.strip()) == (0, "nothing")
    assert _books(restored) == before
    code, said = _privacy(restored, "reapply")
    assert "0 had come back" in said
    code, said = _privacy(restored, "tombstones")
    lines = said.splitlines()
    assert {line.split('"')[3] for line in lines} == {
        line.split('"')[3] for line in settings.CODEPOP.tombstone_file.read_text().splitlines()
    }
    assert "canary" not in settings.CODEPOP.tombstone_file.read_text()
