"""The provider's messages: signed, stored once, believed never."""

import random
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from codepop.core.models import InboxMessage, InboxState
from codepop.kit.clock import frozen
from codepop.kit.ids import uuid7
from codepop.ordering.machine import Status
from codepop.ordering.models import OrderTransition
from codepop.ordering.tests.factories import make_order
from codepop.payments import services
from codepop.payments.models import LedgerEntry, LedgerTransaction, Payment, PaymentStatus
from codepop.payments.services.inbox import PARK_SECONDS
from tests.stripe_side import (
    DECLINED_CARD,
    confirm,
    deliver,
    events_of,
    post_event,
    run_jobs,
    sandbox,
    sdk,
)

if TYPE_CHECKING:
    from codepop.ordering.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


def _open() -> tuple["Order", Payment]:
    order = make_order().order
    return order, services.create_intent(reference=order.id)


def _event(kind: str, subject: str, **more: object) -> dict[str, Any]:
    return {
        "id": f"evt_{uuid7().hex}",
        "object": "event",
        "type": kind,
        "created": 1_790_000_000,
        "data": {"object": {"id": subject, **more}},
    }


def _status(order: "Order") -> str:
    order.refresh_from_db()
    return order.status


@pytest.mark.req("PAY-12")
def test_a_declined_charge_is_told_by_its_messages(client: Client) -> None:
    order, payment = _open()
    confirm(payment.intent_id or "", DECLINED_CARD)
    types = deliver(client, payment.intent_id or "")
    assert {"charge.failed", "payment_intent.payment_failed"} <= set(types)
    run_jobs()
    payment.refresh_from_db()
    assert (payment.status, payment.failures) == (PaymentStatus.FAILED, 1)
    assert _status(order) == Status.PAYMENT_PENDING
    assert LedgerEntry.objects.count() == 0


@pytest.mark.req("PAY-12")
def test_a_cancelled_intent_is_told_by_its_message(client: Client) -> None:
    _, payment = _open()
    sdk().v1.payment_intents.cancel(payment.intent_id or "")
    assert "payment_intent.canceled" in deliver(client, payment.intent_id or "")
    run_jobs()
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.CANCELLED


@pytest.mark.req("PAY-14")
@pytest.mark.parametrize("seed", range(3))
def test_each_message_five_times_in_any_order_pays_once(client: Client, seed: int) -> None:
    order, payment = _open()
    confirm(payment.intent_id or "", DECLINED_CARD)
    confirm(payment.intent_id or "")
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 40})
    events = events_of(payment.intent_id or "") * 5
    random.Random(seed).shuffle(events)
    for event in events:
        assert post_event(client, event) == 200
        if random.Random(seed).random() < 0.5:
            run_jobs()
    run_jobs(also_later=True)
    assert _status(order) == Status.PAID
    moves = OrderTransition.objects.filter(order=order).values_list("to_status", flat=True)
    assert list(moves.order_by("id")) == ["payment_pending", "paid"]
    kinds = LedgerTransaction.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["charge", "refund"]
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.req("PAY-05", "PAY-13")
def test_a_forged_message_changes_nothing(client: Client) -> None:
    order, payment = _open()
    event = _event("payment_intent.succeeded", payment.intent_id or "", status="succeeded")
    assert post_event(client, event, secret="whsec_forged") == 400
    assert client.post("/webhooks/stripe", data="{}", content_type="application/json").status_code == 400
    assert client.get("/webhooks/stripe").status_code == 405
    assert InboxMessage.objects.count() == 0
    assert _status(order) == Status.PAYMENT_PENDING


@pytest.mark.req("PAY-05")
def test_a_message_that_lies_is_not_believed(client: Client) -> None:
    order, payment = _open()
    assert post_event(client, _event("payment_intent.succeeded", payment.intent_id or "", status="succeeded")) == 200
    run_jobs()
    assert _status(order) == Status.PAYMENT_PENDING
    assert InboxMessage.objects.get().state == InboxState.DONE


@pytest.mark.req("PAY-13")
def test_a_huge_body_is_refused(client: Client) -> None:
    answer = client.post("/webhooks/stripe", data=b"x" * 300_000, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"


def test_messages_that_say_nothing_to_us_are_taken_and_forgotten(client: Client) -> None:
    assert post_event(client, _event("invoice.paid", "in_1")) == 200
    assert post_event(client, _event("charge.failed", "ch_1", payment_intent=None)) == 200
    assert InboxMessage.objects.count() == 0


@pytest.mark.req("PAY-12")
def test_an_intent_that_is_not_ours_is_ignored(client: Client) -> None:
    foreign = sdk().v1.payment_intents.create({"amount": 500, "currency": "usd"})
    post_event(client, _event("payment_intent.succeeded", foreign.id))
    run_jobs()
    assert InboxMessage.objects.get().state == InboxState.IGNORED


def test_an_object_the_provider_does_not_know_is_put_before_a_person(client: Client) -> None:
    post_event(client, _event("payment_intent.succeeded", "pi_nowhere"))
    run_jobs()
    assert InboxMessage.objects.get().state == InboxState.QUARANTINED


@pytest.mark.req("PAY-12")
def test_another_amount_is_put_before_a_person_and_not_applied(client: Client) -> None:
    order, payment = _open()
    wrong = sdk().v1.payment_intents.create(
        {"amount": 50, "currency": "usd", "metadata": {"payment": str(payment.id), "order": str(order.id)}}
    )
    confirm(wrong.id)
    post_event(client, _event("payment_intent.succeeded", wrong.id))
    run_jobs()
    message = InboxMessage.objects.get()
    assert message.state == InboxState.QUARANTINED
    assert wrong.id in message.note
    assert _status(order) == Status.PAYMENT_PENDING


@pytest.mark.req("PAY-14")
def test_a_message_before_our_row_waits_and_is_never_forgotten(client: Client) -> None:
    early = sdk().v1.payment_intents.create({"amount": 500, "currency": "usd", "metadata": {"payment": str(uuid7())}})
    post_event(client, _event("payment_intent.succeeded", early.id))
    assert run_jobs() == 1
    message = InboxMessage.objects.get()
    assert (message.state, message.attempts) == (InboxState.PARKED, 1)
    assert message.next_try_at is not None
    assert run_jobs(also_later=True) == len(PARK_SECONDS)
    message.refresh_from_db()
    assert message.state == InboxState.QUARANTINED


def test_an_outage_leaves_the_message_waiting(client: Client) -> None:
    order, payment = _open()
    confirm(payment.intent_id or "")
    deliver(client, payment.intent_id or "")
    sandbox("/_sandbox/faults", {"kind": "outage"})
    run_jobs()
    waiting = InboxMessage.objects.get(kind="intent")
    assert (waiting.state, waiting.attempts) == (InboxState.NEW, 0)
    assert waiting.next_try_at is not None
    sandbox("/_sandbox/faults", method="DELETE")
    with frozen(waiting.next_try_at):
        assert run_jobs() == 1
    assert _status(order) == Status.PAID
