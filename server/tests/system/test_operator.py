"""An operator's commands on a system that is running: keys change under traffic, people are found and erased."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

import httpx
import pytest

from codepop.core.encryption import Cipher
from server.tests.system.guest import Guest
from server.tests.system.member import PASSWORD, Member, sign_up
from tools.bootstrap import ROOT
from tools.postgres import program
from tools.system import System

SETTLE_SECONDS = 61.0
"""Every process has read a changed key file by then (ops.key_change.SETTLED)."""


def _run(system: System, *words: str) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "run"), *words, "--data", str(system.data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.returncode, done.stdout + done.stderr


def _step(system: System, word: str) -> str:
    status, said = _run(system, "keys", word)
    assert status == 0, said
    return said


def _dump(system: System) -> str:
    command = [str(program("pg_dump")), "--no-owner", "--inserts", "--dbname", system.database.owner]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _log_in(system: System, member: Member) -> int:
    body = {"email": member.email, "password": member.password}
    return httpx.post(f"{system.addresses['web']}/_allauth/app/v1/auth/login", json=body, timeout=60).status_code


@contextmanager
def _customers(system: System) -> Iterator[Callable[[], int]]:
    """Have guests order, pay and fetch one after another; the first that fails fails the test. Gives their number."""
    over, served, wrong = threading.Event(), [], []

    def come() -> None:
        while not over.is_set():
            try:
                with closing(Guest(system)) as guest:
                    guest.order()
                    guest.pay()
                    guest.fetch()
                    served.append(guest.order_id)
            except Exception as error:
                wrong.append(error)
                return

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield lambda: len(served)
    finally:
        over.set()
        thread.join()
    assert wrong == []


@pytest.mark.req("DB-08")
def test_keys_change_while_customers_order_and_the_old_one_is_gone(system: System) -> None:
    member = sign_up(system, "keeper")
    keyset = system.data / "keyset.json"
    old = Cipher(keyset.read_text())
    assert old.mark in _dump(system)
    with closing(Guest(system)) as before:
        before.order()
        with _customers(system) as served:
            _step(system, "add")
            assert _run(system, "keys", "promote")[0] == 2, "too early, and yet it was done"
            threading.Event().wait(SETTLE_SECONDS)
            _step(system, "promote")
            threading.Event().wait(SETTLE_SECONDS)
            assert "rewritten" in _step(system, "rewrite")
            assert "one key" in _step(system, "remove")
            count = served()
        assert count > 0
        before.pay()
        before.fetch()
    assert _log_in(system, member) == 200
    new, dump = Cipher(keyset.read_text()), _dump(system)
    assert new.mark in dump
    assert [mark for mark in (old.mark, old.fixed_mark) if mark in dump] == []


@pytest.mark.req("DB-15", "D16")
def test_a_person_is_found_erased_and_stays_erased(system: System) -> None:
    member = sign_up(system, "leaver")
    with closing(Guest(system)) as guest:
        guest.order(email=member.email)
        guest.pay()
        guest.fetch()
    status, said = _run(system, "privacy", "find", member.email)
    assert status == 1, said
    assert [table for table in ("accounts.User", "ordering.Order", "notifications.Message") if table not in said] == []
    assert _run(system, "privacy", "erase", member.email)[0] == 2, "without --yes nothing is erased"
    assert _log_in(system, member) == 200
    status, said = _run(system, "privacy", "erase", member.email, "--yes", "--wait", "90")
    assert (status, "nothing" in said) == (0, True), said
    assert _run(system, "privacy", "find", member.email)[0] == 0
    assert _log_in(system, Member(member.email, PASSWORD)) == 400
    status, said = _run(system, "privacy", "reapply")
    assert (status, "0 had come back" in said) == (0, True), said
    status, said = _run(system, "privacy", "find", f"nobody.{uuid4().hex}@example.org")
    assert (status, "nothing" in said) == (0, True), said
