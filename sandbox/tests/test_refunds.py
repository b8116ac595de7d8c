"""Refunds: what is left, what is too much, what arrives later, what fails later."""

import time
from typing import Any

import pytest
import stripe

from sandbox.tests.running import Receiver, Sandbox, wait_until


def test_partial_refunds_until_nothing_is_left(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=1000)
    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 400, "reason": "requested_by_customer"})
    assert (first.amount, first.status, first.reason) == (400, "succeeded", "requested_by_customer")
    assert _charge(client, intent).amount_refunded == 400
    assert _charge(client, intent).refunded is False
    rest = client.v1.refunds.create({"payment_intent": intent.id})
    assert rest.amount == 600
    assert (_charge(client, intent).amount_refunded, _charge(client, intent).refunded) == (1000, True)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refusal.value.code == "charge_already_refunded"


def _charge(client: stripe.StripeClient, intent: Any) -> Any:
    found: Any = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.refunds"]})
    return found.latest_charge


def test_refund_above_the_rest_changes_nothing(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=1000)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 400})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 601})
    assert refusal.value.param == "amount"
    assert "greater than unrefunded amount on charge ($6.00)" in str(refusal.value)
    assert _charge(client, intent).amount_refunded == 400
    assert len(_charge(client, intent).refunds.data) == 1


@pytest.mark.parametrize("state", ["unpaid", "held", "declined"])
def test_nothing_to_refund_without_captured_money(
    client: stripe.StripeClient, pay: Any, new_intent: Any, state: str
) -> None:
    if state == "unpaid":
        key = new_intent().id
    elif state == "held":
        key = pay(capture_method="manual").id
    else:
        with pytest.raises(stripe.CardError) as decline:
            pay("pm_card_visa_chargeDeclined")
        error: Any = decline.value.error
        key = error.payment_intent.id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": key})


def test_refund_needs_a_payment(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"amount": 100})
    assert refusal.value.code == "parameter_missing"


def test_pending_refund_succeeds_later(client: stripe.StripeClient, pay: Any, receiver: Receiver) -> None:
    intent = pay("pm_card_pendingRefund")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    wait_until(lambda: client.v1.refunds.retrieve(refund.id).status == "succeeded", 5, "the refund to arrive")
    assert receiver.wait_for(refund.id, "refund.updated")[0].event["data"]["previous_attributes"] == {
        "status": "pending"
    }


def test_refund_that_fails_later_gives_the_rest_back(
    client: stripe.StripeClient, pay: Any, receiver: Receiver, sandbox: Sandbox
) -> None:
    intent = pay("pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    receiver.wait_for(refund.id, "refund.failed")
    failed: Any = client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert failed.failure_balance_transaction.amount == 650
    assert (_charge(client, intent).amount_refunded, _charge(client, intent).refunded) == (0, False)
    book = next(item for item in sandbox.control("GET", "stripe/books")["intents"] if item["id"] == intent.id)
    assert (book["amount_captured"], book["amount_refunded"]) == (650, 0)


def test_refunds_are_listed_by_payment(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=900)
    made = [client.v1.refunds.create({"payment_intent": intent.id, "amount": 100}).id for _ in range(3)]
    found = client.v1.refunds.list({"payment_intent": intent.id})
    assert [item.id for item in found.data] == made[::-1]


def test_refund_metadata_is_kept_and_changed(client: stripe.StripeClient, pay: Any) -> None:
    refund = client.v1.refunds.create({"payment_intent": pay().id, "metadata": {"why": "late"}})
    assert refund.metadata is not None
    assert refund.metadata["why"] == "late"
    changed = client.v1.refunds.update(refund.id, {"metadata": {"why": "cold"}})
    assert changed.metadata is not None
    assert changed.metadata["why"] == "cold"


def test_balance_adds_up(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=2000)
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    end = time.monotonic() + 3
    while not client.v1.balance_transactions.list({"source": intent.latest_charge}).data:
        assert time.monotonic() < end
    charged = client.v1.balance_transactions.list({"source": intent.latest_charge}).data[0]
    given = client.v1.balance_transactions.list({"source": refund.id}).data[0]
    assert (charged.amount, charged.fee, given.amount, given.fee) == (2000, 88, -500, 0)
