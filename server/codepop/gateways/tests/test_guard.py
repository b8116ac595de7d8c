"""The breaker and the budget that all processes share: guards stand for processes, PostgreSQL is between them."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codepop.core.alerts import open_alerts
from codepop.core.jobs import Urgency, urgency_of
from codepop.core.models import Incident, ProviderState, RateBudget
from codepop.gateways.errors import HeldBack
from codepop.gateways.guard import Guard, UnlistedOperation
from codepop.gateways.limits import LOOK, BreakerLimits, ProviderLimits
from codepop.kit.clock import FrozenTime, frozen

pytestmark = pytest.mark.django_db(transaction=True)

LIMITS = ProviderLimits(
    provider="away",
    connect_seconds=1.0,
    per_second=20.0,
    operations={"look": LOOK, "send": LOOK},
    breaker=BreakerLimits(failures=3, window_seconds=30, open_seconds=5, open_seconds_max=15, probe_seconds=10),
)


@pytest.fixture
def time() -> Iterator[FrozenTime]:
    with frozen(datetime(2026, 3, 1, 12, tzinfo=UTC)) as held:
        yield held


def _call(guard: Guard, status: int = 200, *, operation: str = "look", retry_after: float | None = None) -> None:
    with guard.outgoing(operation, method="GET") as answer:
        answer.status, answer.retry_after = status, retry_after


def _forget_leases(guard: Guard) -> None:
    """Let a process forget what it knows of the budget and the breaker, as it does every second."""
    guard._leases.clear()


def _opened(time: FrozenTime) -> Guard:
    guard = Guard(LIMITS)
    for _ in range(3):
        _call(guard, 503)
    return guard


@pytest.mark.req("FAIL-08", "FAIL-09")
def test_the_breaker_opens_for_every_process_and_says_when_to_come_back(time: FrozenTime) -> None:
    guard, other = Guard(LIMITS), Guard(LIMITS)
    _call(guard, 503)
    _call(other, 0)
    _call(guard, 200)
    assert not Incident.objects.exists()
    _call(other, 500)
    incident = Incident.objects.get()
    assert (incident.provider, incident.reason, incident.closed_at) == ("away", "look: 500", None)
    assert [alert.subject for alert in open_alerts()] == ["away"]
    _forget_leases(guard)
    for one in (guard, other, Guard(LIMITS)):
        with pytest.raises(HeldBack) as held:
            _call(one)
        assert held.value.retry_after == 5
        assert held.value.code == "held_back_breaker"


@pytest.mark.req("FAIL-08")
def test_a_provider_that_mostly_answers_is_not_taken_to_be_away(time: FrozenTime) -> None:
    guard, good = Guard(LIMITS), Guard(LIMITS)
    for _ in range(4):
        _call(guard, 503)
        for _ in range(5):
            _call(good, 200)
        time.advance(seconds=1)
        _forget_leases(good)
        _call(good, 200)
    assert ProviderState.objects.get().open_until is None
    assert ProviderState.objects.get().failures == 4


def test_failures_of_long_ago_do_not_count(time: FrozenTime) -> None:
    guard = Guard(LIMITS)
    for _ in range(5):
        _call(guard, 503)
        time.advance(seconds=20)
    assert ProviderState.objects.get().open_until is None


@pytest.mark.parametrize("status", [400, 402, 404, 409, 429])
def test_a_clear_no_is_an_answer(time: FrozenTime, status: int) -> None:
    guard = Guard(LIMITS)
    for _ in range(5):
        _call(guard, status)
        RateBudget.objects.all().delete()
    assert not ProviderState.objects.exists()


@pytest.mark.req("FAIL-08", "FAIL-09")
def test_one_process_probes_and_its_success_closes_the_breaker_for_all(time: FrozenTime) -> None:
    guard, other = _opened(time), Guard(LIMITS)
    time.advance(seconds=5)
    with guard.outgoing("look", method="GET") as answer:
        with pytest.raises(HeldBack):
            _call(other)
        answer.status = 200
    _forget_leases(other)
    _call(other)
    _call(guard)
    assert Incident.objects.get().closed_at == time.at
    assert not open_alerts().exists()
    assert ProviderState.objects.get().open_until is None


@pytest.mark.req("FAIL-08")
def test_each_probe_that_fails_doubles_the_wait_up_to_a_limit(time: FrozenTime) -> None:
    guard = _opened(time)
    waits = []
    for _ in range(4):
        state = ProviderState.objects.get()
        assert state.open_until is not None
        waits.append((state.open_until - time.at).total_seconds())
        time.at = state.open_until
        _call(guard, 503)
    assert waits == [5, 10, 15, 15]
    assert Incident.objects.count() == 1


def test_a_probe_whose_process_died_is_taken_over(time: FrozenTime) -> None:
    guard, other = _opened(time), Guard(LIMITS)
    time.advance(seconds=5)
    ProviderState.objects.update(probe_until=time.at + timedelta(seconds=10))
    with pytest.raises(HeldBack):
        _call(guard)
    time.advance(seconds=10)
    _call(other)
    assert ProviderState.objects.get().open_until is None


def test_a_late_failure_does_not_open_a_breaker_that_was_just_closed(time: FrozenTime) -> None:
    guard = _opened(time)
    time.advance(seconds=5)
    _call(guard)
    _call(guard, 503)
    assert ProviderState.objects.get().open_until is None
    assert Incident.objects.filter(closed_at=None).count() == 0


def test_of_many_failures_at_once_one_opens_the_breaker(time: FrozenTime) -> None:
    gate = threading.Barrier(6)

    def fail() -> None:
        try:
            with Guard(LIMITS).outgoing("look", method="GET") as answer:
                gate.wait(10)
                answer.status = 503
        finally:
            connection.close()

    threads = [threading.Thread(target=fail) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Incident.objects.count() == 1
    assert ProviderState.objects.get().failures == 6


@pytest.mark.req("PAY-19")
def test_processes_share_one_budget(time: FrozenTime) -> None:
    """Of a bucket of twenty, all processes together send twenty in a moment, and none more."""
    guards = [Guard(LIMITS) for _ in range(3)]
    sent, refusals = 0, list[tuple[str, bool]]()
    with urgency_of(Urgency.NORMAL), pytest.MonkeyPatch.context() as patch:
        patch.setattr("codepop.gateways.guard._RESERVE", dict.fromkeys(Urgency, 0.0))
        for guard in guards * 30:
            try:
                _call(guard)
                sent += 1
            except HeldBack as held:
                refusals.append((held.code, held.retry_after is not None))
    assert sent == 20
    assert refusals == [("held_back_budget", True)] * 70
    time.advance(seconds=0.5)
    _forget_leases(guards[0])
    for _ in range(2):
        _call(guards[0])
    assert RateBudget.objects.get().tokens == 8


@pytest.mark.req("PAY-19")
def test_bulk_work_leaves_half_to_those_who_wait(time: FrozenTime) -> None:
    limits = replace(LIMITS, per_second=12.0)  # blocks of one

    def sent(urgency: Urgency) -> int:
        with urgency_of(urgency):
            for count in range(20):
                try:
                    _call(Guard(limits))
                except HeldBack:
                    return count
        raise AssertionError("never held back")

    assert [sent(Urgency.BULK), sent(Urgency.NORMAL), sent(Urgency.ORDER)] == [6, 3, 3]


@pytest.mark.req("PAY-19")
@pytest.mark.parametrize("urgency", list(Urgency))
def test_also_of_the_smallest_budget_everybody_gets_some(time: FrozenTime, urgency: Urgency) -> None:
    guard = Guard(replace(LIMITS, per_second=1.0))
    _call(guard)
    time.advance(seconds=10)
    with urgency_of(urgency):
        _call(guard)


@pytest.mark.req("PAY-19")
def test_retry_after_is_kept_by_every_process(time: FrozenTime) -> None:
    guard, other = Guard(LIMITS), Guard(LIMITS)
    _call(guard, 429, retry_after=3.0)
    with urgency_of(Urgency.NORMAL), pytest.raises(HeldBack) as held:
        _call(other)
    assert 3.0 <= (held.value.retry_after or 0) < 4.5
    _call(other, operation="send")
    time.advance(seconds=3.5)
    _forget_leases(other)
    _call(other)


def test_a_customer_waits_for_a_turn() -> None:
    guard = Guard(replace(LIMITS, per_second=4.0))
    for _ in range(6):
        _call(guard)
    assert RateBudget.objects.get().tokens < 4


@pytest.mark.req("FAIL-08")
def test_most_calls_cost_no_statement() -> None:
    guard = Guard(replace(LIMITS, per_second=1000.0))
    with CaptureQueriesContext(connection) as first:
        _call(guard)
    with CaptureQueriesContext(connection) as later:
        for _ in range(50):
            _call(guard)
    assert (len(first), len(later)) == (1, 0)


@pytest.mark.req("DEPLOY-06")
def test_what_is_not_in_the_table_is_not_sent() -> None:
    with pytest.raises(UnlistedOperation, match="no row in codepop/gateways/limits"):
        _call(Guard(LIMITS), operation="unheard_of")
