"""The audit trail is a chain: what was changed, removed or put in later shows, whoever did it (DB-12)."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from codepop.accounts.models import User
from codepop.accounts.roles import Role
from codepop.accounts.tests.factories import make_staff, make_user
from codepop.catalog.models import Size
from codepop.catalog.tests.factories import make_catalogue
from codepop.core import audit
from codepop.core.audit import Finding, check, record_audit
from codepop.core.db import transaction as command
from codepop.core.models import AuditEntry
from codepop.kit.ids import uuid7
from tests.database_role import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


def _write(count: int = 1) -> None:
    for number in range(count):
        with command():
            record_audit(actor="staff:x", action="test.act", subject=f"thing:{number}", note="because, of: 3:é")


@contextmanager
def _tampering() -> Iterator[None]:
    """What somebody could do who holds the owner's password."""
    with as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        yield
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount


def _problems() -> list[tuple[int, str]]:
    return [(one.number, one.problem) for one in check().findings]


@pytest.mark.req("DB-12")
def test_a_whole_trail_verifies_and_each_entry_follows_from_the_one_before() -> None:
    _write(3)
    assert check().findings == []
    rows = list(AuditEntry.objects.filter(chain="company").order_by("number"))
    assert [row.number for row in rows] == [1, 2, 3]
    assert [bytes(row.previous) for row in rows[1:]] == [bytes(row.hash) for row in rows[:-1]]
    assert check().heads["company"] == (3, bytes(rows[-1].hash).hex())


@pytest.mark.req("DB-12")
@pytest.mark.parametrize("column", ["actor", "action", "subject", "note", "at", "number"])
def test_a_changed_column_is_found(column: str) -> None:
    _write(3)
    value = {"at": "at + interval '1 second'", "number": "number + 10"}.get(column, "'changed'")
    with _tampering():
        _sql(f"UPDATE core_auditentry SET {column} = {value} WHERE number = 3 AND chain = 'company'")
    assert any("was changed" in problem for _number, problem in _problems())


@pytest.mark.req("DB-12")
def test_a_removed_entry_is_found_in_the_middle_and_at_the_end() -> None:
    _write(4)
    with _tampering():
        _sql("DELETE FROM core_auditentry WHERE number = 2")
    assert _problems() == [(3, "the entries before it are missing, after number 1")]
    with _tampering():
        _sql("DELETE FROM core_auditentry WHERE number = 4")
    assert (3, "the end is not the one that is kept") in _problems()


@pytest.mark.req("DB-12")
def test_an_entry_put_in_is_found_and_so_is_a_chain_that_was_written_anew() -> None:
    _write(2)
    with _tampering():
        _sql(
            "INSERT INTO core_auditentry (actor, action, subject, note, chain, number, previous, hash)"
            " SELECT 'x', 'x', 'x', '', chain, 3, hash, sha256('x') FROM core_auditentry WHERE number = 2"
        )
    assert [number for number, _ in _problems()] == [3, 3]


@pytest.mark.req("DB-12")
def test_only_a_copy_kept_outside_shows_that_end_and_head_were_cut_together(tmp_path: Path) -> None:
    _write(3)
    kept = tmp_path / "audit.json"
    call_command("audit", "verify", json=kept, stdout=StringIO())
    assert json.loads(kept.read_text())["heads"]["company"]["number"] == 3
    _write(1)
    call_command("audit", "verify", against=kept, stdout=StringIO())
    with _tampering():
        _sql("DELETE FROM core_auditentry WHERE number > 2 AND chain = 'company'")
        _sql(
            "UPDATE core_audithead h SET number = 2, hash = e.hash FROM core_auditentry e"
            " WHERE e.number = 2 AND e.chain = h.chain AND h.chain = 'company'"
        )
    assert check().findings == []
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("audit", "verify", against=kept, stdout=out)
    assert left.value.code == 1
    assert "WRONG  company entry 3: gone, though it was kept outside" in out.getvalue()
    kept.write_text("{}")
    with pytest.raises(CommandError, match="this is no file"):
        call_command("audit", "verify", against=kept, stdout=StringIO())


@pytest.mark.req("DB-12", "DB-05")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET note = 'x'",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry",
        "UPDATE core_audithead SET number = 0",
        "DELETE FROM core_audithead",
        "INSERT INTO core_audithead (chain, number, hash) VALUES ('mine', 5, '')",
        "ALTER TABLE core_auditentry DISABLE TRIGGER audit_link",
    ],
)
def test_the_application_itself_cant_touch_what_is_written(statement: str) -> None:
    _write(1)
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        _sql(statement)
    assert check().findings == []


@pytest.mark.req("DB-12")
def test_what_is_given_for_number_and_hash_counts_for_nothing() -> None:
    AuditEntry.objects.create(actor="a", action="b", subject="c", number=77, previous=b"x", hash=b"y")
    assert check().findings == []
    assert AuditEntry.objects.get(chain="company").number == 1


@pytest.mark.req("DB-12")
def test_many_at_once_write_one_chain_without_gaps() -> None:
    workers, each = 4, 5
    barrier = Barrier(workers)

    def write(_worker: int) -> None:
        try:
            barrier.wait()
            _write(each)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(write, range(workers)))
    assert check().findings == []
    assert check().heads["company"][0] == workers * each


def _write_and_fail() -> None:
    record_audit(actor="x", action="x", subject="x")
    raise ZeroDivisionError


@pytest.mark.req("DB-12")
def test_an_act_that_was_rolled_back_leaves_neither_entry_nor_gap() -> None:
    _write(1)
    with pytest.raises(ZeroDivisionError), command():
        _write_and_fail()
    _write(1)
    assert (check().findings, check().entries) == ([], 2)


@pytest.mark.req("DB-12")
def test_each_store_has_a_chain_of_its_own() -> None:
    here, there = uuid7(), uuid7()
    with command():
        record_audit(actor="x", action="store.pause", subject="s", where=here)
        record_audit(actor="x", action="store.pause", subject="s", where=there)
    assert {chain: head[0] for chain, head in check().heads.items()} == {str(here): 1, str(there): 1}


def _watched() -> list[tuple[str, str, str, str]]:
    rows = AuditEntry.objects.filter(chain="accounts").order_by("number")
    return [(row.actor, row.action, row.subject, row.note) for row in rows]


@pytest.mark.req("DB-12")
def test_accounts_and_roles_leave_entries_also_when_no_command_makes_them() -> None:
    user = make_staff(role=Role.MANAGER)
    user_id = user.id
    with command():
        audit.act_as("staff:admin", "left the company")
        User.objects.filter(pk=user_id).update(is_active=False)
    User.objects.filter(pk=user_id).update(name="Grace")
    user.delete()
    entries = _watched()
    assert [action for _, action, _, _ in entries] == [
        "account.insert",
        "role.insert",
        "account.update",
        "role.delete",
        "account.delete",
    ]
    assert entries[1][2] == f"role:{user_id} manager chain "
    assert entries[2] == ("staff:admin", "account.update", f"account:{user_id} is_active", "left the company")
    assert entries[4][0].startswith("database:")
    assert check().findings == []


@pytest.mark.req("DB-12")
def test_no_address_name_or_password_gets_into_the_trail() -> None:
    user = make_user(email="canary@example.org", name="Canary Byrd")
    user.set_password("canary-password")
    user.save()
    text = str(_watched())
    assert f"account:{user.id} password" in text
    assert "canary" not in text.lower()
    assert user.password not in text


@pytest.mark.req("DB-12")
def test_a_price_that_changes_leaves_an_entry_with_both_prices() -> None:
    make_catalogue()
    size = Size.objects.first()
    assert size
    old = size.price_cents
    Size.objects.filter(pk=size.pk).update(price_cents=old + 25)
    Size.objects.filter(pk=size.pk).update(price_cents=old + 25)
    ((_, action, subject, _),) = [entry for entry in _watched() if entry[1].startswith("price")]
    assert (action, subject) == ("price.update", f"price:{size.id} price_cents {old} -> {old + 25}")


def test_the_command_says_what_is_whole() -> None:
    _write(2)
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert out.getvalue().endswith("2 entries in 1 chains, 0 wrong\n")


def test_a_finding_names_chain_and_entry() -> None:
    assert vars(Finding("company", 3, "x")) == {"chain": "company", "number": 3, "problem": "x"}
