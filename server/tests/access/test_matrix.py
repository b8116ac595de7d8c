"""Every operation, by everybody, on everybody's things: the policy table is what happens, and nothing else.

The table says what must happen; here it is derived from the table's words alone, and not by the code that applies it.
A refusal changes nothing (counted by PostgreSQL itself), is written to the log, and what is somebody else's looks
exactly like what does not exist.
"""

import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse

from codepop.accounts.policy import POLICY, Rule
from codepop.accounts.roles import ScopeKind
from codepop.gateways import guard
from codepop.gateways.errors import HeldBack
from tests.access.asks import ASKS, Ask, send
from tests.access.world import Asker, Thing, World, make_askers, make_world

pytestmark = pytest.mark.django_db

ADMITTED, SIGN_IN, CONFIRM, FORBIDDEN, ABSENT = "admitted", "sign in", "confirm", "forbidden", "absent"
CSRF, UNSIGNED = "csrf", "unsigned"
_VARIABLE = re.compile(rb'[0-9a-f]{8}-[0-9a-f-]{27}|name="csrfmiddlewaretoken" value="[^"]+"')
_NOTHING_HERE = re.compile(rb'"code": "(not_found|store_unknown)"')
_NOT_GATED = {"get_health", "get_metrics", "webhook_mail", "webhook_stripe"}
"""Not opened by a person's session: they look at no session at all, so a missing CSRF token is nothing to them."""
_WHILE_LOOKING = _NOT_GATED | {"staff:sign_out", "staff:view_end"}


# --- what must happen, from the words of the table --------------------------------------------------------------------


def expected(operation: str, rule: Rule, ask: Ask, who: Asker, thing: Thing | None) -> str:
    """Return what the table says about one combination."""
    if rule.device:
        return _expected_of_device(ask, who)
    if ask.unsigned:
        return UNSIGNED
    if not who.shows_csrf and ask.changes and operation not in _NOT_GATED and ask.method != "LIVE":
        return CSRF
    if who.looks and ask.changes and ask.method != "LIVE" and operation not in _WHILE_LOOKING:
        return FORBIDDEN
    if rule.confirmed and who.user and not who.confirmed:
        return CONFIRM
    if not (rule.public or _may_call(rule, who)):
        return (SIGN_IN if who.user is None else FORBIDDEN) if rule != Rule() else ABSENT
    if thing is None or (thing.exists and (rule.public or _is_related(rule, who, thing))):
        return ADMITTED
    return ABSENT


def _expected_of_device(ask: Ask, who: Asker) -> str:
    if not who.device:
        return SIGN_IN
    return ADMITTED if ask.device in ("any", who.device) else FORBIDDEN


def _may_call(rule: Rule, who: Asker) -> bool:
    has_role = any(role in rule.roles for role, _kind, _scope in who.grants)
    return bool(
        (rule.guest_token and who.token_hash)
        or (who.user and (rule.signed_in or rule.owner))
        or (who.user and has_role)
    )


def _is_related(rule: Rule, who: Asker, thing: Thing) -> bool:
    if (rule.owner or rule.signed_in) and who.user and thing.owner_id == who.user.id:
        return True
    if rule.guest_token and who.token_hash and who.token_hash == thing.token_hash:
        return True
    where = {ScopeKind.STORE: thing.store_id, ScopeKind.REGION: thing.region_id}
    return any(
        role in rule.roles and (kind == ScopeKind.CHAIN or (scope is not None and where[kind] == scope))
        for role, kind, scope in who.grants
    )


# --- what happened ----------------------------------------------------------------------------------------------------


def happened(ask: Ask, answer: HttpResponse) -> str:
    """Return what an answer says."""
    if ask.unsigned:
        return UNSIGNED if 400 <= answer.status_code < 500 else ADMITTED
    if answer.status_code == 302 and answer["Location"].startswith("/staff/sign-in?next="):
        return SIGN_IN
    if answer.status_code == 403 and (b"csrf_failed" in answer.content or b"security token" in answer.content):
        return CSRF
    if answer.status_code == 401 and b"confirmation_needed" in answer.content:
        return CONFIRM
    words = {401: SIGN_IN, 403: FORBIDDEN, 404: ABSENT}
    # A 404 about something else than the thing in the address (a quote, a card) comes from inside.
    inside = answer.status_code == 404 and b'"code"' in answer.content and not _NOTHING_HERE.search(answer.content)
    if answer.status_code in words and not inside:
        return words[answer.status_code]
    return f"error {answer.status_code}" if answer.status_code >= 500 and answer.status_code != 503 else ADMITTED


def _writes() -> int:
    """How many rows this transaction has written so far, rolled back or not, by PostgreSQL's own counters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0] or 0)


def _fingerprint() -> dict[str, str]:
    """A hash of all rows of all tables."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM \"{table}\" t")
            found[table] = cursor.fetchone()[0]
    return found


@contextmanager
def _undone() -> Iterator[None]:
    """Take back whatever the block writes. Commands may begin their own transaction in it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own test case marks its block
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendering thousands of log lines that nobody reads would take longer than the requests."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("codepop.accounts.access"), "handlers", [])


@pytest.fixture(autouse=True)
def _providers_are_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is let in may get as far as the provider, who is away: the matrix is about who is let in."""
    cache.clear()

    def away() -> NoReturn:
        raise HeldBack("any", "held back by the matrix", code="held_back_breaker", retry_after=1.0)

    monkeypatch.setattr(guard, "refuse_in_transaction", away)


class _Denials(logging.Handler):
    """Collects the operations of which the log says that somebody was denied them."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines
        logging.getLogger("codepop.accounts.access").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        facts = record.msg
        if isinstance(facts, dict) and facts["event"] == "access_denied":
            self._lines.append(facts["operation"])


def _must_be_told(rule: Rule, ask: Ask, got: str, thing: Thing | None) -> bool:
    """Say whether the log names it: somebody who is known, or shows a secret, and reaches for what is not theirs.

    What is only ever looked for among one's own things can't be told from what does not exist, not even by the log.
    """
    if rule.signed_in:
        return False
    foreign = got == ABSENT and thing is not None and thing.exists
    return not ask.device and (got == FORBIDDEN or foreign)


class Matrix:
    """The world, everybody in it, and what was found wrong."""

    def __init__(self) -> None:
        self.world: World = make_world()
        self.askers = make_askers(self.world)
        self.tried: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.lines: list[str] = []
        self._counted = _writes()
        _Denials(self.lines)

    def run(self, operation: str, rule: Rule, ask: Ask) -> None:
        """Try one operation by everybody on everything of its kind."""
        for who in self.askers:
            if who.only_devices and not rule.device:
                continue
            answers: dict[str, HttpResponse] = {}
            for thing in self.world.things[ask.about] if ask.about else [None]:
                answer = self._try(operation, rule, ask, who, thing)
                if thing is not None:
                    answers[thing.name] = answer
            self._compare(operation, ask, who, answers)

    def _try(self, operation: str, rule: Rule, ask: Ask, who: Asker, thing: Thing | None) -> HttpResponse:
        wanted = expected(operation, rule, ask, who, thing)
        self.lines.clear()
        with _undone():
            answer = send(ask, who, self.world, thing)
            total = _writes()
        who.show_cookies()
        written, self._counted = total - self._counted, total
        got = happened(ask, answer)
        self.tried[got] += 1
        what = f"{operation} by {who.name} on {thing.name if thing else 'nothing'}"
        if got != wanted:
            self.wrong.append(f"{what}: {got} ({answer.status_code}) instead of {wanted}: {answer.content[-200:]!r}")
        elif got != ADMITTED and written:
            self.wrong.append(f"{what}: {got}, and yet {written} rows were written")
        elif _must_be_told(rule, ask, got, thing) and operation not in self.lines:
            self.wrong.append(f"{what}: {got}, and the log does not say so")
        return answer

    def _compare(self, operation: str, ask: Ask, who: Asker, answers: dict[str, HttpResponse]) -> None:
        """Hold what is absent for this person against what does not exist."""
        missing = {thing.name for thing in self.world.things.get(ask.about, []) if not thing.exists}
        looks = {name: _look(answer) for name, answer in answers.items() if happened(ask, answer) == ABSENT}
        if len(set(looks.values())) > 1:
            self.wrong.append(
                f"{operation} by {who.name}: {sorted(set(looks) - missing)} looks unlike {sorted(missing)}"
            )


def _look(answer: HttpResponse) -> tuple[int, bytes, tuple[str, ...]]:
    headers = sorted(name for name in answer.headers if name != "X-Request-Id")
    return answer.status_code, _VARIABLE.sub(b"", answer.content), tuple(headers)


@pytest.mark.req("SEC-11", "DOM-01", "DOM-02", "C45")
def test_everybody_gets_exactly_what_the_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(ASKS) == set(POLICY), "every operation needs a request in tests/access/asks.py"
    began = time.process_time()
    matrix = Matrix()
    before = _fingerprint()
    for operation, rule in POLICY.items():
        matrix.run(operation, rule, ASKS[operation])
    after = _fingerprint()
    assert {table for table in before if before[table] != after[table]} == set()
    with capsys.disabled():
        sums = ", ".join(f"{count} {word}" for word, count in sorted(matrix.tried.items()))
        what = f"{matrix.tried.total()} combinations of {len(POLICY)} operations and {len(matrix.askers)} askers"
        sys.stdout.write(f"\n{what} in {time.process_time() - began:.0f} s: {sums}\n")
    assert matrix.wrong == [], "\n".join(matrix.wrong)


@pytest.mark.req("SEC-11")
def test_deleting_any_row_of_the_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the comparison above, and by the gate itself, which lets nobody through without a row."""
    world = make_world()
    chief = next(one for one in make_askers(world) if "chain" in one.name)
    for operation in list(POLICY):
        rule = POLICY[operation]
        with monkeypatch.context() as patch, _undone():
            patch.delitem(POLICY, operation)
            assert set(ASKS) != set(POLICY)
            if rule.roles:
                ask = ASKS[operation]
                thing = world.things[ask.about][0] if ask.about else None
                assert happened(ask, send(ask, chief, world, thing)) == ABSENT, operation


def test_the_matrix_notices_a_rule_that_is_not_what_happens() -> None:
    """Otherwise the test above would show nothing."""
    matrix = Matrix()
    matrix.run("staff:orders", Rule(), ASKS["staff:orders"])
    matrix.run("get_me", Rule(public=True), ASKS["get_me"])
    assert len([one for one in matrix.wrong if "staff:orders" in one]) > 5
    assert any("anonymous" in one for one in matrix.wrong if "get_me" in one)
