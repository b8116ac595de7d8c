"""Quote, order, pay: against the real sandbox, with the messages that Stripe would send."""

import pytest
from django.test import Client

from codepop.inventory.selectors import reservation
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_line, make_shop
from codepop.ordering.tests.http import Shopper
from codepop.payments.models import LedgerEntry, Payment
from tests.stripe_side import confirm, deliver, run_jobs

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
