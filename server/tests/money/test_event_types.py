"""Every kind of message, proven or not, alone or five times at once: what it does to order and ledger."""

import json
import random
import time
from functools import partial

import pytest
import stripe
from django.test import Client

from codepop.core.models import InboxMessage
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_order
from codepop.payments import services
from codepop.payments.models import LedgerEntry, Payment, Refund
from tests.racing import at_once
from tests.stripe_side import DECLINED_CARD, SECURE_CARD, confirm, events_of, post_event, run_jobs, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


def _open() -> tuple[Order, Payment]:
    order = make_order().order
    return order, services.create_intent(reference=order.id)


def _paid() -> tuple[Order, Payment]:
    order, payment = _open()
    confirm(payment.intent_id or "")
    return order, payment


def _booked() -> list[tuple[str, int]]:
    return sorted(LedgerEntry.objects.values_list("account", "amount_cents"))


def _deliver_only(client: Client, payment: Payment, name: str) -> None:
    [event, *_] = [event for event in events_of(payment.intent_id or "") if event["type"] == name]
    assert post_event(client, event) == 200
    run_jobs()


def _charge(order: Order) -> list[tuple[str, int]]:
    net = order.total_cents - order.tax_cents
    return sorted([("sales", -net), ("stripe_receivable", order.total_cents), ("tax_payable", -order.tax_cents)])


@pytest.mark.req("PAY-12")
def test_payment_intent_succeeded_pays_and_books(client: Client) -> None:
    order, payment = _paid()
    _deliver_only(client, payment, "payment_intent.succeeded")
    order.refresh_from_db()
    assert (order.status, _booked()) == (Status.PAID, _charge(order))


@pytest.mark.req("PAY-12", "C29")
@pytest.mark.parametrize("name", ["charge.failed", "payment_intent.payment_failed"])
def test_a_declined_card_leaves_the_order_and_books_nothing(client: Client, name: str) -> None:
    order, payment = _open()
    confirm(payment.intent_id or "", DECLINED_CARD)
    _deliver_only(client, payment, name)
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.status, _booked()) == (Status.PAYMENT_PENDING, "failed", [])


@pytest.mark.req("PAY-12", "C29")
def test_payment_intent_canceled_closes_the_payment_and_books_nothing(client: Client) -> None:
    order, payment = _open()
    sdk().v1.payment_intents.cancel(payment.intent_id or "")
    _deliver_only(client, payment, "payment_intent.canceled")
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.status, _booked()) == (Status.PAYMENT_PENDING, "cancelled", [])


@pytest.mark.req("PAY-12")
def test_payment_intent_requires_action_is_shown_and_books_nothing(client: Client) -> None:
    order, payment = _open()
    confirm(payment.intent_id or "", SECURE_CARD)
    _deliver_only(client, payment, "payment_intent.requires_action")
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.status, _booked()) == (Status.PAYMENT_PENDING, "requires_action", [])


@pytest.mark.req("PAY-12")
@pytest.mark.parametrize("name", ["charge.refunded", "refund.created"])
def test_a_refund_made_at_the_provider_is_booked_once(client: Client, name: str) -> None:
    order, payment = _paid()
    services.refresh(payment_id=payment.id)
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 40})
    _deliver_only(client, payment, name)
    order.refresh_from_db()
    assert order.status == Status.PAID
    assert Refund.objects.get().status == "succeeded"
    assert sum(cents for account, cents in _booked() if account == "stripe_receivable") == order.total_cents - 40


@pytest.mark.req("PAY-14")
@pytest.mark.parametrize("seed", [1, 2])
def test_each_message_five_times_at_once_leaves_the_same_ledger(client: Client, seed: int) -> None:
    order, payment = _paid()
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 40})
    events = events_of(payment.intent_id or "") * 5
    random.Random(seed).shuffle(events)
    for start in range(0, len(events), 5):
        answers = at_once([partial(post_event, Client(), event) for event in events[start : start + 5]])
        assert set(answers) == {200}
    ids = list(InboxMessage.objects.values_list("id", flat=True))
    at_once([partial(services.take_message, message_id=one) for one in ids])
    run_jobs(also_later=True)
    order.refresh_from_db()
    assert order.status == Status.PAID
    assert sum(cents for _, cents in _booked()) == 0
    owed = [cents for account, cents in _booked() if account == "stripe_receivable"]
    assert sorted(owed) == [-40, order.total_cents]


@pytest.mark.req("PAY-13")
@pytest.mark.parametrize("wrong", ["secret", "body", "old", "future"])
def test_what_is_not_proven_is_refused_and_changes_nothing(client: Client, wrong: str) -> None:
    order, payment = _paid()
    event = next(e for e in events_of(payment.intent_id or "") if e["type"] == "payment_intent.succeeded")
    body, at = json.dumps(event), int(time.time())
    secret = "whsec_other" if wrong == "secret" else "whsec_sandbox"
    at += {"old": -301, "future": 3600}.get(wrong, 0)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, at)
    sent = body.replace("payment_intent.succeeded", "payment_intent.canceled") if wrong == "body" else body
    answer = client.post(
        "/webhooks/stripe", data=sent, content_type="application/json", headers={"Stripe-Signature": header}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "webhook_refused")
    run_jobs()
    order.refresh_from_db()
    assert (order.status, InboxMessage.objects.count(), _booked()) == (Status.PAYMENT_PENDING, 0, [])
