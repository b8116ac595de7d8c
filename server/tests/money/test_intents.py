"""Charging: one intent for each payment, whatever is lost, late, doubled or declined on the way."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from codepop.core.db import transaction
from codepop.gateways.payments import Unknown
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import make_order, make_shop
from codepop.payments import services
from codepop.payments.errors import Contradiction, PaymentClosed, ProviderAway, ProviderRefuses
from codepop.payments.models import LedgerTransaction, Payment, PaymentStatus
from codepop.payments.services.intents import apply_intent
from codepop.payments.tests.factories import make_payment
from tests.stripe_side import (
    DECLINED_CARD,
    SECURE_CARD,
    answer_bank,
    confirm,
    run_jobs,
    sandbox,
    sdk,
)

if TYPE_CHECKING:
    from codepop.ordering.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


@pytest.fixture
def order() -> "Order":
    return make_order().order


def _payment(order: "Order") -> Payment:
    return Payment.objects.get(reference=order.id)


def _status(order: "Order") -> str:
    order.refresh_from_db()
    return order.status


def _intents_of(payment: Payment) -> list[str]:
    listed = sdk().v1.payment_intents.list({"limit": 100})
    return [one.id for one in listed.auto_paging_iter() if one.metadata.to_dict().get("payment") == str(payment.id)]


@pytest.mark.req("PAY-01", "PAY-15")
def test_asking_again_gives_the_same_intent(order: "Order") -> None:
    first = services.create_intent(reference=order.id)
    again = services.create_intent(reference=order.id)
    assert (first.intent_id, first.client_secret) == (again.intent_id, again.client_secret)
    assert first.status == PaymentStatus.REQUIRES_METHOD
    found = sdk().v1.payment_intents.retrieve(first.intent_id or "")
    assert (found.amount, found.currency) == (order.total_cents, "usd")
    assert found.metadata.to_dict() == {"order": str(order.id), "payment": str(first.id)}
    assert found.receipt_email is None


@pytest.mark.req("PAY-15")
@pytest.mark.parametrize("kind", ["fail_after", "cut", "html", "stored_500"])
def test_a_lost_answer_is_looked_up_before_anything_else(order: "Order", kind: str) -> None:
    sandbox("/_sandbox/faults", {"kind": kind, "endpoints": ["POST /v1/payment_intents"], "remaining": 1})
    with pytest.raises(ProviderAway):
        services.create_intent(reference=order.id)
    payment = _payment(order)
    assert (payment.status, payment.intent_id) == (PaymentStatus.NEW, None)
    payment = services.create_intent(reference=order.id)
    assert _intents_of(payment) == [payment.intent_id]
    assert payment.attempt == 1


@pytest.mark.req("PAY-15", "PAY-21")
def test_an_outage_leaves_the_order_waiting_and_a_later_try_succeeds(order: "Order") -> None:
    sandbox("/_sandbox/faults", {"kind": "outage"})
    with pytest.raises(ProviderAway, match="Nothing is lost"):
        services.create_intent(reference=order.id)
    assert _status(order) == Status.PAYMENT_PENDING
    sandbox("/_sandbox/faults", method="DELETE")
    payment = services.create_intent(reference=order.id)
    assert _intents_of(payment) == [payment.intent_id]


def test_a_failure_stored_under_the_key_gets_a_new_key_after_looking(order: "Order") -> None:
    Payment.objects.filter(reference=order.id).update(sent_at=now())
    sandbox("/_sandbox/faults", {"kind": "refuse_before", "endpoints": ["POST /v1/payment_intents"], "remaining": 1})
    with pytest.raises(ProviderAway):
        services.create_intent(reference=order.id)
    assert _payment(order).attempt == 2
    assert services.create_intent(reference=order.id).intent_id


def test_an_amount_the_provider_refuses_is_told_and_changes_nothing() -> None:
    payment = make_payment(amount_cents=30, tax_cents=2)
    with pytest.raises(ProviderRefuses):
        services.create_intent(reference=payment.reference)
    payment.refresh_from_db()
    assert (payment.status, payment.intent_id) == (PaymentStatus.NEW, None)


@pytest.mark.req("PAY-05")
def test_a_look_at_the_provider_applies_the_success_once(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    for _ in range(3):
        services.refresh(payment_id=payment.id)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.SUCCEEDED
    assert payment.succeeded_at is not None
    assert _status(order) == Status.PAID
    assert LedgerTransaction.objects.filter(payment=payment).count() == 1


@pytest.mark.req("PAY-18")
def test_a_declined_card_is_followed_by_a_good_one_on_the_same_intent(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "", DECLINED_CARD)
    declined = services.refresh(payment_id=payment.id)
    assert (declined.status, declined.failures, declined.failure_code) == (PaymentStatus.FAILED, 1, "card_declined")
    version = _version(order)
    services.refresh(payment_id=payment.id)
    assert _version(order) == version
    confirm(payment.intent_id or "", DECLINED_CARD)
    assert services.refresh(payment_id=payment.id).failures == 2
    assert _version(order) == version + 1
    assert services.create_intent(reference=order.id).intent_id == payment.intent_id
    confirm(payment.intent_id or "")
    paid = services.refresh(payment_id=payment.id)
    assert (paid.status, paid.failure_message) == (PaymentStatus.SUCCEEDED, "")
    charges = sdk().v1.charges.list({"payment_intent": payment.intent_id or ""})
    assert sorted(charge.status for charge in charges.data) == ["failed", "failed", "succeeded"]
    assert _status(order) == Status.PAID


def _version(order: "Order") -> int:
    order.refresh_from_db()
    return order.version


@pytest.mark.req("PAY-04")
@pytest.mark.parametrize(
    ("outcome", "status", "order_status"),
    [("complete", PaymentStatus.SUCCEEDED, Status.PAID), ("fail", PaymentStatus.FAILED, Status.PAYMENT_PENDING)],
)
def test_the_banks_check_decides(order: "Order", outcome: str, status: PaymentStatus, order_status: Status) -> None:
    payment = services.create_intent(reference=order.id)
    waiting = confirm(payment.intent_id or "", SECURE_CARD)
    assert services.refresh(payment_id=payment.id).status == PaymentStatus.REQUIRES_ACTION
    assert _status(order) == Status.PAYMENT_PENDING
    answer_bank(waiting, outcome)
    assert services.refresh(payment_id=payment.id).status == status
    assert _status(order) == order_status


def test_an_older_look_never_replaces_a_newer_one(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    before = gateway().fetch_intent(intent_id=payment.intent_id or "")
    seen_before = now()
    confirm(payment.intent_id or "", DECLINED_CARD)
    services.refresh(payment_id=payment.id)
    with transaction():
        apply_intent(payment_id=payment.id, intent=before, seen_at=seen_before - timedelta(seconds=1))
    assert _payment(order).status == PaymentStatus.FAILED
    confirm(payment.intent_id or "")
    services.refresh(payment_id=payment.id)
    with transaction():
        apply_intent(payment_id=payment.id, intent=before, seen_at=now())
    assert _payment(order).status == PaymentStatus.SUCCEEDED


def test_a_success_is_applied_even_by_an_old_look(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    with frozen(now() - timedelta(hours=1)):
        assert services.refresh(payment_id=payment.id).status == PaymentStatus.SUCCEEDED


@pytest.mark.req("PAY-12")
def test_an_intent_over_another_amount_or_of_another_payment_is_not_applied() -> None:
    shop = make_shop()
    order = make_order(shop=shop).order
    payment = services.create_intent(reference=order.id)
    other = services.create_intent(reference=make_order(shop=shop).order.id)
    for metadata, amount in ((payment.id, order.total_cents + 1), (uuid7(), order.total_cents)):
        forged = sdk().v1.payment_intents.create(
            {"amount": amount, "currency": "usd", "metadata": {"payment": str(metadata)}}
        )
        confirm(forged.id)
        intent = gateway().fetch_intent(intent_id=forged.id)
        with pytest.raises(Contradiction), transaction():
            apply_intent(payment_id=payment.id, intent=intent, seen_at=now())
    stranger = gateway().fetch_intent(intent_id=other.intent_id or "")
    with pytest.raises(Contradiction), transaction():
        apply_intent(payment_id=payment.id, intent=stranger, seen_at=now())
    assert _payment(order).status == PaymentStatus.REQUIRES_METHOD
    assert LedgerTransaction.objects.count() == 0


def test_a_cancelled_payment_can_not_be_paid_any_more(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    with transaction():
        services.cancel_open_intent(reference=order.id)
    run_jobs()
    assert _payment(order).status == PaymentStatus.CANCELLED
    assert sdk().v1.payment_intents.retrieve(payment.intent_id or "").status == "canceled"
    with pytest.raises(PaymentClosed):
        services.create_intent(reference=order.id)


def test_an_intent_cancelled_at_the_provider_is_not_offered_for_payment(order: "Order") -> None:
    sandbox("/_sandbox/faults", {"kind": "cut", "endpoints": ["POST /v1/payment_intents"], "remaining": 1})
    with pytest.raises(ProviderAway):
        services.create_intent(reference=order.id)
    (intent_id,) = _intents_of(_payment(order))
    sdk().v1.payment_intents.cancel(intent_id)
    with pytest.raises(PaymentClosed):
        services.create_intent(reference=order.id)


def test_a_payment_the_provider_never_heard_of_is_cancelled_without_asking(order: "Order") -> None:
    sandbox("/_sandbox/faults", {"kind": "outage"})
    assert services.cancel_intent(reference=order.id).status == PaymentStatus.CANCELLED


def test_a_payment_whose_request_never_arrived_is_cancelled_once_none_can_be_on_its_way(order: "Order") -> None:
    sandbox("/_sandbox/faults", {"kind": "refuse_before", "endpoints": ["POST /v1/payment_intents"]})
    with pytest.raises(ProviderAway):
        services.create_intent(reference=order.id)
    with frozen(now()) as time:
        assert services.cancel_intent(reference=order.id).status == PaymentStatus.NEW
        time.advance(seconds=31)
        assert services.cancel_intent(reference=order.id).status == PaymentStatus.CANCELLED
    assert _intents_of(_payment(order)) == []


def test_cancelling_looks_first_and_a_success_wins(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    assert services.cancel_intent(reference=order.id).status == PaymentStatus.SUCCEEDED
    assert _status(order) == Status.PAID


def test_an_intent_that_arrives_after_the_cancellation_is_cancelled_too(order: "Order") -> None:
    sandbox("/_sandbox/faults", {"kind": "cut", "endpoints": ["POST /v1/payment_intents"], "remaining": 1})
    with pytest.raises(ProviderAway):
        services.create_intent(reference=order.id)
    assert services.cancel_intent(reference=order.id).status == PaymentStatus.CANCELLED
    (intent_id,) = _intents_of(_payment(order))
    assert sdk().v1.payment_intents.retrieve(intent_id).status == "canceled"


def test_cancelling_is_repeated_until_the_provider_answers(order: "Order") -> None:
    services.create_intent(reference=order.id)
    sandbox("/_sandbox/faults", {"kind": "cut", "endpoints": ["POST /v1/payment_intents/*/cancel"], "remaining": 1})
    with pytest.raises(Unknown):
        services.cancel_intent(reference=order.id)
    assert services.cancel_intent(reference=order.id).status == PaymentStatus.CANCELLED


@pytest.mark.req("PAY-15")
def test_a_failure_stored_under_the_key_of_a_cancel_gets_a_new_key(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    sandbox(
        "/_sandbox/faults",
        {"kind": "stored_before", "endpoints": ["POST /v1/payment_intents/*/cancel"], "remaining": 1},
    )
    with pytest.raises(Unknown):
        services.cancel_intent(reference=order.id)
    assert services.cancel_intent(reference=order.id).status == PaymentStatus.CANCELLED
    assert sdk().v1.payment_intents.retrieve(payment.intent_id or "").status == "canceled"


@pytest.mark.req("PAY-05")
def test_a_lost_message_is_made_up_for(order: "Order") -> None:
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    assert services.refresh_stale() == 0
    with frozen(now() + timedelta(minutes=1)):
        assert services.refresh_stale() == 1
        assert services.refresh_stale() == 0
    assert _status(order) == Status.PAID
