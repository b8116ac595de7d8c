"""The sums of a day: what no single comparison finds, and how a day without fault stays without a word."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from codepop.core.db import transaction
from codepop.kit.clock import frozen, now
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import ledger, services
from codepop.payments.models import Account, LedgerKind, Payment, ReconciliationBreak, ReconciliationCursor
from codepop.payments.selectors import open_breaks
from codepop.payments.services import days
from tests.stripe_side import GOOD_CARD, confirm, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
DISPUTED = "pm_card_createDispute"


@pytest.fixture(autouse=True)
def _own_books() -> Iterator[None]:
    sandbox("/_sandbox/reset", {})
    yield
    sandbox("/_sandbox/reset", {})


def _paid(shop: Shop, card: str = GOOD_CARD) -> Payment:
    payment = services.create_intent(reference=make_order(shop=shop).order.id)
    confirm(payment.intent_id or "", card)
    _settle()
    return services.refresh(payment_id=payment.id)


def _settle() -> None:
    """Let the provider write what was charged into its balance, a moment after the charge."""
    sandbox("/_sandbox/clock", {"advance_seconds": 60})


def _day_of(payment: Payment) -> str:
    charge = sdk().v1.charges.retrieve(payment.last_charge_id)
    return datetime.fromtimestamp(charge.created, UTC).date().isoformat()


def _book(payment: Payment, cents: int, *, key: str) -> None:
    """Write what no movement explains, as an error of ours would."""
    with transaction():
        entries = {Account.STRIPE_RECEIVABLE: cents, Account.REFUNDS: -cents}
        ledger._book(kind=LedgerKind.REFUND, key=key, payment=payment, at=now(), entries=entries)


def _reconcile_later(*, days: float = 2) -> list[tuple[str, str, str, str]]:
    """Compare when the day is over; returns the open differences."""
    with frozen(now() + timedelta(days=days)):
        assert services.reconcile(since=now() - timedelta(days=days + 1)).complete
        services.look_at_disputes()
    return [(one.kind, one.subject, one.ours, one.theirs) for one in open_breaks()]


@pytest.mark.req("PAY-17", "PAY-23")
def test_days_of_charges_refunds_and_disputes_agree_without_a_word() -> None:
    shop = make_shop()
    payments = [_paid(shop) for _ in range(3)]
    sdk().v1.refunds.create({"payment_intent": payments[0].intent_id or "", "amount": 40})
    _paid(shop, DISPUTED)
    _settle()
    services.look_at_disputes()
    services.reconcile()
    run_jobs()
    assert _reconcile_later() == []
    day = datetime.fromisoformat(_day_of(payments[0])).date()
    sums = days._sums(day, days._movements(day))
    place = (shop.store.id, "usd")
    assert sums.ours[place] == sums.theirs[place] != 0
    assert ReconciliationCursor.objects.get(list="days").checked_until > now()


@pytest.mark.req("PAY-17")
def test_an_entry_without_a_movement_is_found_though_all_charges_agree_and_closed_when_it_is_taken_back() -> None:
    shop = make_shop()
    payment = _paid(shop)
    _book(payment, -40, key="refund:of nothing")
    cents = payment.amount_cents
    subject = f"{shop.store.id}:{_day_of(payment)}"
    expected = [("day_differs", subject, f"{cents - 40} usd booked", f"{cents} usd moved")]
    assert _reconcile_later() == expected
    assert _reconcile_later() == expected
    _book(payment, 40, key="refund_failed:of nothing")
    assert _reconcile_later() == []
    assert ReconciliationBreak.objects.get().resolved_by == "reconciliation"


@pytest.mark.req("PAY-17")
@pytest.mark.parametrize("looks", [days.LOOKS, 0])
def test_what_was_booked_a_day_later_counts_on_the_day_of_its_movement(
    looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message was late: neither day differs, be it asked for by itself or found among the day's movements."""
    monkeypatch.setattr(days, "LOOKS", looks)
    payment = services.create_intent(reference=make_order(shop=make_shop()).order.id)
    confirm(payment.intent_id or "")
    _settle()
    with frozen(now() + timedelta(days=1)):
        services.refresh(payment_id=payment.id)
    assert _reconcile_later(days=3) == []


@pytest.mark.req("PAY-17")
def test_a_day_is_not_blamed_for_a_charge_that_differs_by_itself() -> None:
    payment = _paid(make_shop())
    payment.refresh_from_db()
    sandbox("/_sandbox/faults", {"kind": "wrong_amount", "endpoints": ["GET /v1/payment_intents"]})
    kinds = [kind for kind, *_ in _reconcile_later()]
    assert kinds == ["charge_differs"]


@pytest.mark.req("PAY-17")
def test_a_day_that_is_not_over_is_left_alone() -> None:
    payment = _paid(make_shop())
    _book(payment, -40, key="refund:of nothing")
    with frozen(datetime.fromisoformat(_day_of(payment)).replace(hour=23, minute=59, tzinfo=UTC)):
        assert services.reconcile(since=now() - timedelta(days=1)).complete
    assert open_breaks() == []
