"""Quote, order, pay: against the real sandbox, with the messages that Stripe would send."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from codepop.inventory.selectors import reservation
from codepop.kit.clock import frozen, now
from codepop.ordering import services as ordering
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_line, make_shop
from codepop.ordering.tests.http import Shopper
from codepop.payments.models import LedgerEntry, Payment
from tests.stripe_side import DECLINED_CARD, confirm, deliver, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


@pytest.mark.req("PAY-01", "PAY-05")
def test_an_order_is_quoted_placed_paid_and_in_line(client: Client) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    quote = shopper.quote(shop, [make_line(shop.menu, quantity=2)])
    placed = shopper.place(quote["id"], pickup={"mode": "now"})
    assert placed["status"] == "payment_pending"
    assert placed["total_cents"] == quote["total_cents"]
    payment = shopper.pay()
    assert payment["amount_cents"] == quote["total_cents"]
    intent_id = payment["client_secret"].split("_secret_")[0]
    confirm(intent_id)
    assert shopper.order()["status"] == "payment_pending"
    deliver(client, intent_id)
    run_jobs()
    order = shopper.order()
    assert order["status"] == "queued"
    assert [step["status"] for step in order["timeline"]] == ["payment_pending", "paid", "queued"]
    assert order["payment"]["status"] == "succeeded"
    row = Payment.objects.get()
    assert row.reference == Order.objects.get().id
    assert sum(LedgerEntry.objects.values_list("amount_cents", flat=True)) == 0
    held = reservation(row.reference)
    assert held is not None
    assert held.status == "active"


@pytest.mark.req("PAY-18")
def test_a_declined_card_is_told_and_another_one_pays(client: Client) -> None:
    shopper, intent_id = _ready_to_pay(client)
    confirm(intent_id, DECLINED_CARD)
    deliver(client, intent_id)
    run_jobs()
    declined = shopper.order()
    assert declined["payment"] == {
        "status": "failed",
        "message": "Your bank declined this card. Nothing was charged. Try another card.",
        "attempts": 1,
    }
    assert (declined["status_text"], declined["can_pay"]) == (declined["payment"]["message"], True)
    assert shopper.pay()["client_secret"].startswith(intent_id)
    confirm(intent_id)
    refreshed = shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert (refreshed["status"], refreshed["status_text"]) == ("paid", "Paid. Tell us when to start.")


@pytest.mark.req("PAY-08", "DOM-09")
def test_cancelling_a_paid_order_tells_how_the_refund_goes(client: Client) -> None:
    shopper, intent_id = _ready_to_pay(client)
    confirm(intent_id)
    shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    key = str(uuid4())
    path = f"/orders/{shopper.order_id}/cancel"
    cancelled = shopper.call("POST", path, {"reason": "Changed my mind"}, key=key)
    assert cancelled["refund"] == {
        "status": "pending",
        "amount_cents": cancelled["total_cents"],
        "reason": "cancelled",
    }
    assert cancelled["status_text"] == "Cancelled. Your money is on its way back."
    run_jobs()
    assert shopper.call("POST", path, {"reason": "Changed my mind"}, key=key) == cancelled
    done = shopper.order()
    assert done["refund"]["status"] == "succeeded"
    assert done["status_text"] == f"Cancelled. ${done['total_cents'] / 100:.2f} went back to your card."


@pytest.mark.req("PAY-05")
def test_an_order_that_was_paid_in_the_last_moment_does_not_expire(client: Client) -> None:
    shopper, intent_id = _ready_to_pay(client)
    confirm(intent_id)
    with frozen(now() + timedelta(minutes=16)):
        assert ordering.expire_stale_orders() == 0
    assert shopper.order()["status"] == "paid"


def test_an_unpaid_order_expires_with_its_intent_and_waits_for_an_outage_to_end(client: Client) -> None:
    shopper, intent_id = _ready_to_pay(client)
    with frozen(now() + timedelta(minutes=16)):
        sandbox("/_sandbox/faults", {"kind": "outage"})
        assert ordering.expire_stale_orders() == 0
        assert shopper.order()["status"] == "payment_pending"
        sandbox("/_sandbox/faults", method="DELETE")
        assert ordering.expire_stale_orders() == 1
    assert sdk().v1.payment_intents.retrieve(intent_id).status == "canceled"
    expired = shopper.order()
    assert expired["status_text"] == "Not paid in time, so we closed this order. Nothing was charged."
    assert expired["payment"]["status"] == "none"


@pytest.mark.req("PAY-05", "PAY-15")
def test_an_order_whose_intent_the_provider_does_not_know_expires_and_keeps_up_nobody(client: Client) -> None:
    shopper, _ = _ready_to_pay(client)
    Payment.objects.update(intent_id="pi_nowhere")
    with frozen(now() + timedelta(minutes=16)) as time:
        assert ordering.expire_stale_orders() == 0
        time.advance(minutes=3)
        assert ordering.expire_stale_orders() == 1
    assert shopper.order()["status"] == "expired"
    held = reservation(Order.objects.get().id)
    assert held is not None
    assert held.status == "released"


@pytest.mark.req("PAY-05", "PAY-17")
def test_an_order_whose_intent_contradicts_our_books_expires(client: Client) -> None:
    shopper, _ = _ready_to_pay(client)
    sandbox("/_sandbox/faults", {"kind": "wrong_amount"})
    with frozen(now() + timedelta(minutes=19)):
        assert ordering.expire_stale_orders() == 1
    assert shopper.order()["status"] == "expired"


@pytest.mark.req("PAY-08", "PAY-14")
def test_a_payment_that_comes_after_the_cancellation_goes_back_once(client: Client) -> None:
    shopper, intent_id = _ready_to_pay(client)
    confirm(intent_id)
    assert shopper.cancel()["status_text"] == "Cancelled. Nothing was charged."
    deliver(client, intent_id)
    deliver(client, intent_id)
    run_jobs()
    order = shopper.order()
    assert (order["status"], order["refund"]["status"], order["refund"]["reason"]) == (
        "cancelled",
        "succeeded",
        "late_payment",
    )
    refunds = sdk().v1.refunds.list({"payment_intent": intent_id}).data
    assert [refund.amount for refund in refunds] == [order["total_cents"]]


def _ready_to_pay(client: Client) -> tuple[Shopper, str]:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    return shopper, shopper.pay()["client_secret"].split("_secret_")[0]
