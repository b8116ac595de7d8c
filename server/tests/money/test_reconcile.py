"""Reconciliation: whatever messages were lost, the provider's books and ours agree; what can't, a person is told."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Sum
from django.test import Client

from codepop.core.alerts import open_alerts
from codepop.core.db import transaction
from codepop.core.models import InboxMessage
from codepop.gateways.payments.stripe import listings
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import ledger, services, tasks
from codepop.payments.models import (
    Account,
    LedgerEntry,
    Payment,
    PaymentStatus,
    ReconciliationBreak,
    ReconciliationCursor,
    Refund,
)
from codepop.payments.selectors import open_breaks
from codepop.payments.services import reconciliation
from tests.racing import at_once
from tests.stripe_side import confirm, deliver, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


@pytest.fixture(autouse=True)
def _own_books() -> Iterator[None]:
    sandbox("/_sandbox/reset", {})
    yield
    sandbox("/_sandbox/reset", {})


def _open(shop: Shop | None = None) -> Payment:
    return services.create_intent(reference=make_order(shop=shop).order.id)


def _paid_there(shop: Shop | None = None) -> Payment:
    payment = _open(shop)
    confirm(payment.intent_id or "")
    return payment


def _mismatches() -> list[str]:
    """Compare the sandbox's own books with ours, charge by charge and as sums."""
    wrong = []
    books = sandbox("/_sandbox/stripe/books", method="GET")
    for book in books["intents"]:
        payment = Payment.objects.get(intent_id=book["id"])
        entries = LedgerEntry.objects.filter(transaction__payment=payment, account=Account.STRIPE_RECEIVABLE)
        owed = entries.aggregate(sum=Sum("amount_cents"))["sum"] or 0
        if owed != book["amount_captured"] - book["amount_refunded"]:
            wrong.append(f"{book['id']}: {owed} {book}")
        if (payment.status == PaymentStatus.SUCCEEDED) != bool(book["amount_captured"]):
            wrong.append(f"{book['id']}: {payment.status} {book['status']}")
    return wrong


@pytest.mark.req("PAY-17", "PAY-10")
@pytest.mark.parametrize("one_lost_of", [10, 1])
def test_lost_messages_are_made_good_within_five_minutes(client: Client, one_lost_of: int) -> None:
    shop = make_shop()
    payments = [_paid_there(shop) for _ in range(15)]
    for payment in payments[:4]:
        sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 40})
    sdk().v1.payment_intents.cancel(_open(shop).intent_id or "")
    for number, payment in enumerate(payments):
        if number % one_lost_of:
            deliver(client, payment.intent_id or "")
    run_jobs()
    assert _mismatches() != []
    with frozen(now() + timedelta(minutes=4)):
        assert services.reconcile().complete
        run_jobs()
    assert _mismatches() == []
    assert set(Payment.objects.values_list("status", flat=True)) == {"succeeded", "cancelled"}
    assert set(Order.objects.filter(id__in=[p.reference for p in payments]).values_list("status", flat=True)) == {
        Status.PAID
    }
    assert Refund.objects.filter(actor="provider", status="succeeded").count() == 4
    assert open_breaks() == []


def _unknown_charge() -> str:
    foreign = sdk().v1.payment_intents.create({"amount": 500, "currency": "usd"})
    confirm(foreign.id)
    return foreign.id


def _unknown_row() -> str:
    foreign = sdk().v1.payment_intents.create({"amount": 500, "currency": "usd", "metadata": {"payment": str(uuid7())}})
    confirm(foreign.id)
    return foreign.id


def _second_charge(shop: Shop | None = None) -> str:
    payment = _open(shop)
    second = sdk().v1.payment_intents.create(
        {"amount": payment.amount_cents, "currency": "usd", "metadata": {"payment": str(payment.id)}}
    )
    confirm(second.id)
    return second.id


def _lying(amount: int, currency: str) -> str:
    payment = Payment.objects.get(reference=make_order().order.id)
    wrong = sdk().v1.payment_intents.create(
        {
            "amount": amount or payment.amount_cents,
            "currency": currency,
            "metadata": {"payment": str(payment.id)},
        }
    )
    confirm(wrong.id)
    return wrong.id


def _denied_success() -> str:
    payment = _open()
    Payment.objects.filter(id=payment.id).update(status=PaymentStatus.SUCCEEDED, succeeded_at=now())
    return payment.intent_id or ""


def _paid_after_cancelling() -> str:
    payment = _paid_there()
    Payment.objects.filter(id=payment.id).update(status=PaymentStatus.CANCELLED)
    return payment.intent_id or ""


def _missing_charge(shop: Shop | None = None, intent_id: str = "pi_nowhere") -> str:
    payment = _open(shop)
    Payment.objects.filter(id=payment.id).update(
        status=PaymentStatus.SUCCEEDED, succeeded_at=now(), intent_id=intent_id
    )
    return intent_id


def _unbooked(shop: Shop | None = None) -> str:
    payment = _paid_there(shop)
    Payment.objects.filter(id=payment.id).update(status=PaymentStatus.SUCCEEDED, succeeded_at=now())
    return payment.intent_id or ""


def _unknown_refund() -> str:
    _unknown_charge()
    intent = sdk().v1.payment_intents.list({"limit": 1}).data[0]
    return sdk().v1.refunds.create({"payment_intent": intent.id, "amount": 100}).id


def _refund_nobody_asked_for() -> str:
    payment = _paid_there()
    services.refresh(payment_id=payment.id)
    refund = {"payment_intent": payment.intent_id or "", "amount": 40, "metadata": {"refund": str(uuid7())}}
    return sdk().v1.refunds.create(refund).id  # type: ignore[arg-type]  # the SDK wants its own dictionary type


@pytest.mark.req("PAY-17")
@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (_unknown_charge, "unknown_charge"),
        (_unknown_row, "unknown_charge"),
        (_second_charge, "charge_differs"),
        (lambda: _lying(77, "usd"), "charge_differs"),
        (lambda: _lying(0, "eur"), "charge_differs"),
        (_denied_success, "charge_differs"),
        (_paid_after_cancelling, "charge_differs"),
        (_missing_charge, "missing_charge"),
        (_unbooked, "ledger_differs"),
        (_unknown_refund, "unknown_refund"),
        (_refund_nobody_asked_for, "unknown_refund"),
    ],
)
def test_what_contradicts_our_books_is_told_once_and_never_applied(make: Callable[[], str], kind: str) -> None:
    subject = make()
    state = list(Payment.objects.order_by("id").values_list("status", "amount_cents", "currency"))
    orders = list(Order.objects.order_by("id").values_list("status", flat=True))
    booked = LedgerEntry.objects.count()
    for minutes in (5, 10):
        with frozen(now() + timedelta(minutes=minutes)):
            services.reconcile()
    found = [(one.kind, one.subject) for one in open_breaks()]
    assert (kind, subject) in found
    assert len(found) == len(set(found))
    assert open_alerts().filter(kind="payments.reconciliation", subject=f"{kind}:{subject}").count() == 1
    assert list(Payment.objects.order_by("id").values_list("status", "amount_cents", "currency")) == state
    assert list(Order.objects.order_by("id").values_list("status", flat=True)) == orders
    assert LedgerEntry.objects.count() == booked


@pytest.mark.req("PAY-17")
def test_a_difference_closes_when_its_cause_is_gone() -> None:
    subject = _unbooked()
    services.reconcile()
    payment = Payment.objects.get(intent_id=subject)
    with transaction():
        ledger.book_charge(payment=payment, at=now())
    with frozen(now() + timedelta(minutes=5)):
        services.reconcile()
    row = ReconciliationBreak.objects.get()
    assert (row.kind, row.resolved_by) == ("ledger_differs", "reconciliation")
    assert not open_alerts().filter(kind="payments.reconciliation").exists()


@pytest.mark.req("PAY-17")
def test_differences_that_stay_do_not_keep_later_ones_from_being_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop()
    stays, goes = _second_charge(shop), _unbooked(shop)
    services.reconcile()
    assert {one.subject for one in open_breaks()} == {stays, goes}
    ReconciliationBreak.objects.filter(subject=stays).update(last_seen_at=now() - timedelta(days=1))
    with transaction():
        ledger.book_charge(payment=Payment.objects.get(intent_id=goes), at=now())
    ReconciliationCursor.objects.update(checked_until=now() + timedelta(hours=1))  # no list shows them any more
    monkeypatch.setattr(reconciliation, "SINGLE_LOOKS", 1)
    with frozen(now() + timedelta(hours=2)):
        services.reconcile()
    assert {one.subject for one in open_breaks()} == {stays}


@pytest.mark.req("PAY-17")
def test_what_a_person_closed_as_it_is_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "SINGLE_LOOKS", 1)
    shop = make_shop()
    _missing_charge(shop)
    with frozen(now() + timedelta(minutes=5)):
        services.reconcile()
    [found] = open_breaks()
    services.resolve_break(break_id=found.id, by="ada@example.org", note="taken over from the old account")
    _missing_charge(shop, "pi_elsewhere")
    with frozen(now() + timedelta(minutes=10)):
        services.reconcile()
    assert [one.subject for one in open_breaks()] == ["pi_elsewhere"]


@pytest.mark.req("PAY-17")
def test_a_person_closes_a_difference_with_a_name_and_a_reason() -> None:
    _unknown_charge()
    services.reconcile()
    [found] = open_breaks()
    assert services.resolve_break(break_id=found.id, by="ada@example.org", note="given back by hand")
    assert not services.resolve_break(break_id=found.id, by="bob@example.org", note="me too")
    row = ReconciliationBreak.objects.get()
    assert (row.resolved_by, row.note) == ("ada@example.org", "given back by hand")
    assert open_breaks() == []


@pytest.mark.req("PAY-17")
def test_an_outage_only_postpones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "PAGE", 2)
    monkeypatch.setattr(reconciliation, "PAGES", 1)
    shop = make_shop()
    for _ in range(5):
        _paid_there(shop)
    first = services.reconcile()
    assert (first.complete, first.compared, first.repaired) == (False, 2, 2)
    sandbox("/_sandbox/faults", {"kind": "outage"})
    assert services.reconcile().complete is False
    sandbox("/_sandbox/faults", method="DELETE")
    second = services.reconcile()
    assert (second.repaired, second.complete) == (2, False)
    assert services.reconcile().repaired == 1
    assert _mismatches() == []


@pytest.mark.req("PAY-17", "PAY-14")
def test_two_at_once_beside_messages_change_nothing_twice(client: Client) -> None:
    shop = make_shop()
    payments = [_paid_there(shop) for _ in range(3)]
    for payment in payments:
        deliver(client, payment.intent_id or "")
    ids = list(InboxMessage.objects.values_list("id", flat=True))
    messages = [partial(services.take_message, message_id=one) for one in ids[:3]]
    at_once([services.reconcile, services.reconcile, *messages])
    services.reconcile()
    run_jobs()
    assert _mismatches() == []
    assert LedgerEntry.objects.filter(account=Account.STRIPE_RECEIVABLE).count() == 3


@pytest.mark.req("PAY-17")
def test_messages_that_could_not_be_delivered_are_fetched() -> None:
    payment = _paid_there()
    assert services.fetch_undelivered() >= 1
    assert services.fetch_undelivered() == 0
    run_jobs()
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.SUCCEEDED


@pytest.mark.req("PAY-17", "PAY-23")
def test_a_refund_that_the_ledger_lacks_is_found() -> None:
    payment = services.refresh(payment_id=_paid_there().id)
    made = sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 40})
    refund = Refund.objects.create(
        payment=payment,
        reason_key="provider:lost",
        amount_cents=40,
        status="succeeded",
        provider_refund_id=made.id,
        sent_at=now(),
        settled_at=now(),
    )
    services.reconcile()
    (found,) = open_breaks()
    assert (found.kind, found.subject) == ("ledger_differs", made.id)
    assert (found.ours, found.theirs) == ("0 usd booked", "succeeded, 40 usd")
    with transaction():
        ledger.book_refund(payment=payment, refund=refund, at=now())
    services.reconcile()
    assert open_breaks() == []


@pytest.mark.req("FAIL-01", "PAY-17")
@pytest.mark.parametrize("job", [tasks.read_payouts, tasks.look_at_disputes, tasks.fetch_undelivered, tasks.reconcile])
def test_an_outage_puts_scheduled_looks_off_and_fails_no_job(job: Callable[[], None]) -> None:
    sandbox("/_sandbox/faults", {"kind": "outage"})
    job()


@pytest.mark.req("PAY-17", "PAY-12")
def test_what_the_provider_has_just_made_by_a_clock_ahead_of_ours_is_seen_at_once() -> None:
    payment = services.refresh(payment_id=_paid_there().id)
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 18})
    with frozen(now() - timedelta(seconds=290)):
        services.reconcile()
    assert Refund.objects.get().amount_cents == 18
