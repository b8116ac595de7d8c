"""Guessing is stopped in the database, for all processes, the same whether there is an account or not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from codepop.accounts.models import SignInGuard
from codepop.accounts.selectors import user_by_email
from codepop.accounts.services import count_try, forget_old_tries, forgive, locks, take_back_try, unlock
from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.core.errors import NotFound
from codepop.core.models import AuditEntry
from codepop.kit.clock import FrozenTime, frozen, now
from codepop.kit.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada.canary@example.org"
HOME = "192.0.2.7"


@pytest.fixture
def time() -> Iterator[FrozenTime]:
    cache.clear()
    with frozen(now()) as held:
        yield held


def _tries(count: int, *, email: str = ADA, network: str = HOME) -> list[bool]:
    return [count_try(email=email, network=network).allowed for _ in range(count)]


@pytest.mark.req("SEC-10", "DOM-25")
@pytest.mark.parametrize("known", [True, False])
def test_five_wrong_passwords_lock_for_five_minutes_then_ever_longer(time: FrozenTime, known: bool) -> None:
    if known:
        make_user(email=ADA)
    assert _tries(7) == [True] * 5 + [False] * 2
    for minutes in (5, 10, 20):
        time.advance(minutes=minutes, seconds=-1)
        assert _tries(1) == [False]
        time.advance(seconds=1)
        assert _tries(6) == [True] * 5 + [False]
    time.advance(days=400)
    assert _tries(1) == [False]


@pytest.mark.req("SEC-10")
def test_an_address_counts_in_any_case_and_others_are_not_touched(time: FrozenTime) -> None:
    assert _tries(5, email="ADA.canary@EXAMPLE.org") == [True] * 5
    assert _tries(1, email=ADA) == [False]
    assert _tries(1, email="bob@example.org") == [True]


@pytest.mark.req("SEC-10", "SEC-07")
def test_one_network_trying_many_accounts_is_stopped_everywhere(time: FrozenTime) -> None:
    for number in range(locks.TRIES_OF_A_NETWORK):
        assert _tries(1, email=f"person{number}@example.org") == [True]
    assert _tries(1, email="another@example.org") == [False]
    assert _tries(1, email="another@example.org", network="198.51.100.9") == [True]
    time.advance(hours=1, seconds=1)
    assert _tries(1, email="yet.another@example.org") == [True]


@pytest.mark.req("SEC-10")
def test_a_right_password_takes_its_own_try_back_and_no_other(time: FrozenTime) -> None:
    assert _tries(4) == [True] * 4
    take_back_try(email=ADA, network=HOME, verdict=count_try(email=ADA, network=HOME))
    assert _tries(2) == [True, False]


@pytest.mark.req("SEC-10", "SEC-07")
def test_an_own_right_password_gives_a_network_no_more_tries(time: FrozenTime) -> None:
    for number in range(locks.TRIES_OF_A_NETWORK - 1):
        assert _tries(1, email=f"person{number}@example.org") == [True]
    for _ in range(3):
        verdict = count_try(email="own@example.org", network=HOME)
        assert verdict.allowed
        take_back_try(email="own@example.org", network=HOME, verdict=verdict)
    assert [_tries(1, email=f"other{number}@example.org")[0] for number in range(3)] == [True, False, False]


@pytest.mark.req("SEC-10")
def test_a_right_password_lifts_no_lock_that_others_caused_meanwhile(time: FrozenTime) -> None:
    verdict = count_try(email=ADA, network=HOME)
    assert _tries(4, network="198.51.100.9") == [True] * 4
    take_back_try(email=ADA, network=HOME, verdict=verdict)
    assert _tries(1) == [False]


@pytest.mark.req("SEC-10")
def test_tries_are_forgotten_after_a_day_or_a_complete_sign_in(time: FrozenTime) -> None:
    _tries(4)
    time.advance(hours=24, seconds=1)
    assert _tries(5) == [True] * 5
    forgive(email=ADA)
    assert _tries(1) == [True]
    time.advance(hours=24, seconds=1)
    forget_old_tries()
    assert not SignInGuard.objects.exists()


@pytest.mark.req("SEC-10", "DOM-02", "DB-12")
def test_an_admin_opens_what_only_a_person_may_open(time: FrozenTime) -> None:
    user = make_user(email=ADA)
    for _ in range(4):
        _tries(6)
        time.advance(hours=2)
    assert locks.lock_of(user.id) == locks.Lock(until=None)
    forget_old_tries()
    assert _tries(1) == [False]
    assert unlock(user_id=user.id, actor="user:admin", note="called us")
    assert locks.lock_of(user.id) is None
    assert _tries(1) == [True]
    entry = AuditEntry.objects.get(action="account.unlock")
    assert (entry.actor, entry.action, entry.subject) == ("user:admin", "account.unlock", f"user:{user.id}")
    assert not unlock(user_id=user.id, actor="user:admin")
    with pytest.raises(NotFound):
        unlock(user_id=uuid7(), actor="user:admin")


@pytest.mark.req("SEC-10", "SEC-07")
def test_a_hundred_tries_at_the_same_moment_are_a_hundred_tries(time: FrozenTime) -> None:
    def one(number: int) -> bool:
        try:
            return count_try(email=ADA, network=f"192.0.2.{number}").allowed
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(100))) == 5


@pytest.mark.req("DB-08")
def test_neither_address_is_kept(time: FrozenTime) -> None:
    _tries(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM accounts_signinguard t")
        text = cursor.fetchone()[0]
    assert "canary" not in text
    assert HOME not in text


# --- over HTTP --------------------------------------------------------------------------------------------------------


def _log_in(password: str = PASSWORD, email: str = ADA) -> tuple[int, str]:
    body = {"email": email, "password": password}
    answer = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    return answer.status_code, answer.json().get("errors", [{}])[0].get("code", "")


@pytest.mark.req("SEC-10", "DOM-25", "SEC-07")
def test_the_owner_is_stopped_too_told_by_mail_and_let_in_again(time: FrozenTime) -> None:
    user = make_user(email=ADA, password=PASSWORD)
    wrong = [_log_in("not-it-at-all") for _ in range(6)]
    assert wrong == [(400, "email_password_mismatch")] * 5 + [(400, "too_many_login_attempts")]
    assert _log_in() == (400, "too_many_login_attempts")
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, user_id FROM notifications_message")
        assert cursor.fetchall() == [("account_locked", user.id)]
    unlock(user_id=user.id, actor="user:admin")
    assert _log_in()[0] == 200
    assert not SignInGuard.objects.filter(kind="account").exists()


@pytest.mark.req("SEC-10", "SEC-08")
def test_an_unknown_address_is_locked_in_the_same_words(time: FrozenTime) -> None:
    assert user_by_email(ADA) is None
    answers = [_log_in("not-it-at-all") for _ in range(6)]
    assert answers == [(400, "email_password_mismatch")] * 5 + [(400, "too_many_login_attempts")]
