"""Changing the keys of field encryption under traffic: nothing lost, and the old key gone at the end."""

import json
import threading
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection

from codepop.accounts.adapter import MfaAdapter
from codepop.accounts.models import User
from codepop.accounts.selectors import user_by_email
from codepop.accounts.tests.factories import make_user
from codepop.core import resealing
from codepop.core.encryption import Cipher, cipher, reload_keys
from codepop.core.keyset import WrongStep, key_state
from codepop.core.rights import append_only_tables
from codepop.core.sessions import SessionStore
from codepop.kit.clock import FrozenTime, frozen, now
from codepop.ops import key_change
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_order

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 130


@pytest.fixture(autouse=True)
def _own_keys() -> Iterator[None]:
    """The keys of this process's other tests come back afterwards."""
    path: Path = settings.CODEPOP.keyset_file
    before = settings.CODEPOP.read_keysets()
    reload_keys()
    yield
    path.write_text(before)
    reload_keys()


@pytest.fixture
def time() -> Iterator[FrozenTime]:
    with frozen(now()) as held:
        yield held


def _wait(time: FrozenTime) -> None:
    time.at += key_change.SETTLED


def _to_new_key(time: FrozenTime) -> None:
    key_change.add()
    _wait(time)
    key_change.promote()


def _raw(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [str(text) for (text,) in cursor.fetchall()]


def _session(user: User) -> str:
    store = SessionStore()
    store["_auth_user_id"] = str(user.id)
    store["pending"] = {"email": user.email, "filler": "x" * 300}
    store.save()
    return str(store.session_key)


def _rewrite() -> int:
    return sum(one.replaced for one in key_change.rewrite())


@pytest.mark.req("DB-08")
def test_everything_moves_to_the_new_key_and_the_old_one_goes(time: FrozenTime) -> None:
    user = make_user(email="ada@example.org", name="Ada")
    key = _session(user)
    secret = MfaAdapter().encrypt("JBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=user, type="totp", data={"secret": secret})
    order = make_order(customer_id=user.id).order
    Order.objects.filter(id=order.id).update(contact_email="guest@example.org")
    old = Cipher(settings.CODEPOP.read_keysets())
    _to_new_key(time)
    assert user_by_email("ADA@example.org") == user
    with pytest.raises(WrongStep, match="still needed"):
        key_change.remove(at_once=True)
    assert _rewrite() >= 6
    assert _rewrite() == 0
    _wait(time)
    key_change.remove()
    assert key_state(settings.CODEPOP.read_keysets()).keys == 1
    assert user_by_email("ada@example.org") == user
    assert EmailAddress.objects.get(email="ada@example.org").user_id == user.id
    assert User.objects.get().name == "Ada"
    assert Order.objects.get().contact_email == "guest@example.org"
    assert SessionStore(key)["pending"]["email"] == "ada@example.org"
    assert MfaAdapter().decrypt(Authenticator.objects.get().data["secret"]) == "JBSWY3DPEHPK3PXP"
    sealed = _raw("SELECT email FROM accounts_user") + _raw("SELECT name FROM accounts_user")
    for text in [*sealed, Authenticator.objects.get().data["secret"]]:
        assert not text.startswith((old.mark, old.fixed_mark))


@pytest.mark.req("DB-08")
def test_a_run_that_was_stopped_goes_on_where_it_is(time: FrozenTime, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        make_user(email=f"p{number}@example.org")
    _to_new_key(time)
    [names] = [column for column in resealing.columns() if str(column) == "accounts_user.name"]
    batches = resealing._batches(names, 3)
    resealing._write(names, resealing._changes(names, next(batches))[0])
    batches.close()  # type: ignore[attr-defined]  # a generator: the run dies here
    assert resealing.left_to_reseal(names) == 4
    assert resealing.reseal(names, batch=3) == resealing.Result(replaced=4, stuck=0)


@pytest.mark.req("DB-08")
def test_people_go_on_while_keys_change(time: FrozenTime) -> None:
    users = [make_user(email=f"p{number}@example.org", name=f"N{number}") for number in range(PEOPLE)]
    _to_new_key(time)
    over, wrong = threading.Event(), []
    rounds = [0, 0]

    def watched(act: Callable[[int], None], place: int) -> Callable[[], None]:
        def run() -> None:
            try:
                while not over.is_set() or rounds[place] == 0:
                    act(rounds[place])
                    rounds[place] += 1
            except Exception as error:
                wrong.append(error)
            finally:
                connection.close()

        return run

    def look(number: int) -> None:
        one = number % PEOPLE
        found = user_by_email(f"p{one}@example.org")
        assert found is not None
        assert found.id == users[one].id

    def write(number: int) -> None:
        User.objects.filter(id=users[number % PEOPLE].id).update(name=f"New {number}")
        make_user(email=f"new{number}@example.org")

    threads = [threading.Thread(target=watched(act, place)) for place, act in enumerate((look, write))]
    for thread in threads:
        thread.start()
    try:
        _rewrite()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    _wait(time)
    key_change.remove()
    assert {one.name[:1] for one in User.objects.all()} <= {"N", "A"}
    assert all(user_by_email(f"p{number}@example.org") == users[number] for number in range(PEOPLE))


@pytest.mark.req("DB-08")
def test_a_value_written_meanwhile_is_not_overwritten(time: FrozenTime) -> None:
    user = make_user(name="Old")
    _to_new_key(time)
    [names] = [column for column in resealing.columns() if str(column) == "accounts_user.name"]
    changes, _ = resealing._changes(names, resealing._read(names, after=None, limit=10))
    User.objects.filter(id=user.id).update(name="New")
    assert resealing._write(names, changes) == resealing.Result(0, 0)
    assert User.objects.get().name == "New"


@pytest.mark.req("DB-08")
def test_no_step_is_made_out_of_turn(time: FrozenTime) -> None:
    for early in (key_change.promote, key_change.remove):
        with pytest.raises(WrongStep):
            early()
    key_change.add()
    with pytest.raises(WrongStep):
        key_change.add()
    with pytest.raises(key_change.NotYet):
        key_change.promote()
    with pytest.raises(WrongStep):
        list(key_change.rewrite())
    _wait(time)
    key_change.promote()
    with pytest.raises(key_change.NotYet):
        key_change.remove()


@pytest.mark.req("DB-08")
def test_two_rows_of_one_address_are_told_and_keep_the_old_key(time: FrozenTime) -> None:
    user = make_user(email="ada@example.org")
    _to_new_key(time)
    User(email=cipher().fix("ada@example.org", purpose="email")).save(force_insert=True)
    results = {one.column: one for one in key_change.rewrite()}
    assert results["accounts_user.email"].stuck == 1
    with pytest.raises(WrongStep, match=r"1 in accounts_user\.email"):
        key_change.remove(at_once=True)
    assert User.objects.filter(pk=user.pk, email="ada@example.org").exists()


@pytest.mark.req("DB-08")
def test_another_process_takes_up_a_changed_file(time: FrozenTime, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cipher()
    path: Path = settings.CODEPOP.keyset_file
    _to_new_key(time)
    text = path.read_text()
    path.write_text(text)
    assert cipher().mark != before.mark
    assert path.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr("codepop.core.encryption.RELOAD_SECONDS", -1.0)
    held = cipher()
    assert cipher() is held


def test_no_history_that_nobody_may_change_holds_ciphertext() -> None:
    """A change of keys could not rewrite it."""
    assert {column.table for column in resealing.columns()}.isdisjoint(append_only_tables())


def _run(*words: str) -> str:
    out = StringIO()
    call_command("keys", *words, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.req("DB-08")
def test_the_command_makes_the_steps() -> None:
    make_user(email="ada@example.org")
    assert "no change under way" in _run("state")
    assert "Next: promote" in _run("add")
    with pytest.raises(SystemExit):
        _run("promote")
    assert "Next: rewrite" in _run("promote", "--stopped")
    assert "accounts_user.email" in _run("rewrite")
    assert "one key" in _run("remove", "--stopped")
    assert user_by_email("ada@example.org") is not None
    assert len(json.loads(settings.CODEPOP.read_keysets())["aead"]["key"]) == 1
    assert Session.objects.count() == 0
