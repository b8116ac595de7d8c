"""Stripe takes only so many requests a second: every intent is made in the end, and robots never wait for it."""

import pytest
from django.test import Client

from codepop.fulfilment.tests.factories import make_cooler, make_ready
from codepop.kit.clock import frozen, now
from codepop.ordering import services as ordering
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_line
from codepop.ordering.tests.http import Shopper
from codepop.payments.models import Payment
from tests.stripe_side import run_jobs, sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
ORDERS, A_SECOND, MOST_ROUNDS = 6, 2, 80


def _intents_of(order_id: str) -> int:
    books = sandbox("/_sandbox/stripe/books", method="GET")["intents"]
    return sum(one["metadata"].get("order") == order_id for one in books)


@pytest.mark.req("PAY-19")
def test_all_intents_come_through_a_narrow_limit_and_nothing_else_waits(client: Client) -> None:
    cooler = make_cooler()
    shoppers = [Shopper(client) for _ in range(ORDERS)]
    for shopper in shoppers:
        shopper.place(shopper.quote(cooler.shop, [make_line(cooler.shop.menu)])["id"], pickup={"mode": "now"})
    with frozen(now()) as clock:
        sandbox("/_sandbox/faults", {"kind": "rate_bucket", "per_second": A_SECOND})
        answers = []
        for shopper in shoppers:
            shopper.pay()
            answers.append(shopper.last)
        assert set(answers) == {200, 503}
        made, _ = make_ready(cooler)
        assert Order.objects.get(id=made.order.id).status == Status.READY
        mine = Payment.objects.filter(reference__in=[shopper.order_id for shopper in shoppers])
        for _ in range(MOST_ROUNDS):
            if not mine.filter(intent_id=None).exists():
                break
            clock.advance(seconds=10)
            ordering.take_waiting_payments()
            run_jobs()
        assert mine.exclude(intent_id=None).count() == ORDERS
        (limit,) = sandbox("/_sandbox/faults", method="GET")["faults"]
        assert limit["hits"] > 0
        sandbox("/_sandbox/faults", method="DELETE")
    assert [_intents_of(shopper.order_id) for shopper in shoppers] == [1] * ORDERS
    assert set(Order.objects.filter(id__in=mine.values("reference")).values_list("status", flat=True)) == {
        Status.PAYMENT_PENDING
    }
