"""Stripe is away while people want to pay: what they are told, what is kept, and what is never charged (FAIL-01)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from codepop.inventory.selectors import reservation
from codepop.kit.clock import FrozenTime, frozen, now
from codepop.ordering import services as ordering
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import Shop, make_line, make_order, make_shop
from codepop.ordering.tests.http import Json, Shopper
from codepop.payments import services as payments
from codepop.payments.errors import ProviderAway
from codepop.payments.models import Payment
from tests.stripe_side import confirm, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]

TOLD = "Payment system temporarily unavailable. Please try again in a few minutes."
"""The specification's words (section 4, scenario 1)."""


@pytest.fixture
def clock() -> Iterator[FrozenTime]:
    with frozen(now()) as held:
        yield held


def _outage() -> None:
    sandbox("/_sandbox/faults", {"kind": "outage"})


def _back() -> None:
    sandbox("/_sandbox/faults", method="DELETE")


def _away(client: Client, *, shop: Shop | None = None, **pickup: object) -> Shopper:
    """An order whose person pressed Pay while Stripe was away."""
    shop = shop or make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"], **({"pickup": pickup} if pickup else {}))
    _outage()
    shopper.pay()
    assert shopper.last == 503
    return shopper


def _wait(shopper: Shopper, minutes: int) -> Json:
    return shopper.call("POST", f"/orders/{shopper.order_id}/payment/wait", {"minutes": minutes})


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.req("PAY-21", "FAIL-01")
def test_who_pays_during_an_outage_reads_the_specified_words_and_keeps_the_order(
    client: Client, clock: FrozenTime
) -> None:
    shopper = _away(client)
    answer = shopper.pay()
    assert (shopper.last, answer["error"]["code"]) == (503, "payment_provider_unavailable")
    assert answer["error"]["message"].startswith(TOLD)
    order = shopper.order()
    assert (order["status"], order["status_text"], order["can_cancel"]) == ("payment_pending", TOLD, True)
    wait = order["payment_wait"]
    assert (wait["state"], wait["charges_saved_card"]) == ("waiting", False)
    assert _at(wait["until"]) == clock.at.replace(microsecond=clock.at.microsecond // 1000 * 1000) + timedelta(
        minutes=15
    )
    assert _at(order["expires_at"]) > _at(wait["until"])


@pytest.mark.req("PAY-21", "FAIL-01")
def test_the_worker_notices_the_return_and_the_person_pays(client: Client, clock: FrozenTime) -> None:
    shopper = _away(client, mode="now")
    assert ordering.take_waiting_payments() == 0
    assert shopper.order()["payment_wait"]["state"] == "waiting"
    clock.advance(minutes=3)
    _back()
    assert ordering.take_waiting_payments() == 1
    assert ordering.take_waiting_payments() == 0
    order = shopper.order()
    assert (order["payment_wait"]["state"], order["status_text"]) == ("ready", "Payments work again. You can pay now.")
    confirm(shopper.pay()["client_secret"].split("_secret_")[0])
    paid = shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert (paid["status"], paid["payment_wait"]) == ("queued", None)


@pytest.mark.req("FAIL-01")
def test_an_intent_from_before_the_outage_does_not_count_as_its_end(client: Client) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    shopper.pay()
    _outage()
    ordering.note_provider_away(order_id=Order.objects.get().id)
    assert ordering.take_waiting_payments() == 0
    assert shopper.order()["payment_wait"]["state"] == "waiting"


@pytest.mark.req("FAIL-01", "PAY-21")
def test_an_outage_that_is_seen_after_the_card_form_holds_the_order(client: Client) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    shopper.pay()
    _outage()
    answer = shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert (shopper.last, answer["error"]["code"]) == (503, "payment_provider_unavailable")
    order = shopper.order()
    assert order["payment_wait"]["state"] == "waiting"
    assert order["status_text"].startswith("Payment system temporarily unavailable. Please try again in a few minutes.")


@pytest.mark.req("FAIL-01", "PAY-21", "PAY-18")
def test_a_charge_that_the_bank_was_still_at_when_the_outage_began_counts_afterwards(client: Client) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    shopper.pay()
    payment = Payment.objects.get()
    Payment.objects.update(status="processing")
    confirm(payment.intent_id or "")
    _outage()
    shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert shopper.last == 503
    order = shopper.order()
    assert (order["status"], order["payment"]["status"]) == ("payment_pending", "processing")
    assert order["status_text"].startswith(TOLD)
    _back()
    order = shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert (order["status"], order["payment"]["status"], order["payment_wait"]) == ("paid", "succeeded", None)


@pytest.mark.req("FAIL-01", "PAY-21")
def test_who_tries_again_with_an_intent_from_before_really_asks_the_provider(client: Client, clock: FrozenTime) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    first = shopper.pay()
    _outage()
    ordering.note_provider_away(order_id=UUID(shopper.order_id))
    assert shopper.pay()["error"]["code"] == "payment_provider_unavailable"
    assert shopper.order()["payment_wait"]["state"] == "waiting"
    _back()
    clock.advance(minutes=2)
    assert shopper.pay() == first
    assert shopper.order()["payment_wait"]["state"] == "ready"


@pytest.mark.req("FAIL-01")
def test_when_the_consent_is_over_its_person_is_asked_again_then_it_expires_uncharged(
    client: Client, clock: FrozenTime
) -> None:
    shopper = _away(client)
    clock.advance(minutes=15)
    ordering.take_waiting_payments()
    order = shopper.order()
    assert order["payment_wait"]["state"] == "asking"
    assert order["status_text"].startswith("Do you still want it?")
    ordering.expire_stale_orders()
    assert shopper.order()["status"] == "payment_pending"
    clock.advance(minutes=12)
    assert ordering.expire_stale_orders() == 1
    expired = shopper.order()
    assert expired["status_text"] == "Not paid in time, so we closed this order. Nothing was charged."
    row = Order.objects.get()
    held = reservation(row.id)
    assert held is not None
    assert held.status == "released"
    _back()
    run_jobs(also_later=True)
    assert ordering.take_waiting_payments() == 0
    clock.advance(minutes=1)
    assert payments.finish_cancellations() == 1
    run_jobs(also_later=True)
    assert Payment.objects.get().status == "cancelled"
    assert payments.finish_cancellations() == 0


@pytest.mark.req("FAIL-01")
def test_who_agrees_to_wait_longer_is_waited_for(client: Client, clock: FrozenTime) -> None:
    shopper = _away(client)
    clock.advance(minutes=16)
    ordering.take_waiting_payments()
    order = _wait(shopper, 60)
    assert (order["payment_wait"]["state"], order["status_text"]) == ("waiting", TOLD)
    assert _at(order["payment_wait"]["until"]) - now() > timedelta(minutes=59)
    clock.advance(minutes=50)
    assert ordering.expire_stale_orders() == 0
    _back()
    assert ordering.take_waiting_payments() == 1
    assert shopper.order()["payment_wait"]["state"] == "ready"


@pytest.mark.req("FAIL-01")
def test_nobody_is_charged_for_a_pickup_that_has_passed(client: Client, clock: FrozenTime) -> None:
    pickup_at = now() + timedelta(minutes=10)
    shopper = _away(client, mode="at", at=pickup_at.isoformat())
    until = _at(shopper.order()["payment_wait"]["until"])
    assert until < pickup_at
    clock.advance(minutes=11)
    ordering.take_waiting_payments()
    assert shopper.order()["payment_wait"]["state"] == "asking"
    refusal = _wait(shopper, 30)
    assert (shopper.last, refusal["error"]["code"]) == (409, "pickup_passed")
    shopper.call("PUT", f"/orders/{shopper.order_id}/pickup", {"mode": "now"})
    assert _wait(shopper, 30)["payment_wait"]["state"] == "waiting"


@pytest.mark.req("FAIL-01")
def test_an_earlier_pickup_shortens_the_consent(client: Client, clock: FrozenTime) -> None:
    shopper = _away(client)
    soon = now() + timedelta(minutes=8)
    order = shopper.call("PUT", f"/orders/{shopper.order_id}/pickup", {"mode": "at", "at": soon.isoformat()})
    assert _at(order["payment_wait"]["until"]) < soon


@pytest.mark.req("FAIL-01")
def test_nobody_holds_stock_for_ever(client: Client, clock: FrozenTime) -> None:
    shopper = _away(client)
    for _ in range(3):
        assert _wait(shopper, 120)["payment_wait"]["state"] == "waiting"
        clock.advance(minutes=59)
    clock.advance(minutes=4)
    assert _wait(shopper, 120)["error"]["code"] == "held_long_enough"
    clock.advance(minutes=12)
    assert ordering.expire_stale_orders() == 1


@pytest.mark.req("FAIL-01")
def test_waiting_is_refused_while_payments_work_and_when_the_order_is_over(client: Client) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    assert _wait(shopper, 30)["error"]["code"] == "nothing_to_wait_for"
    for wrong in (4, 121, "30"):
        assert shopper.call("POST", f"/orders/{shopper.order_id}/payment/wait", {"minutes": wrong})["error"]
        assert shopper.last == 422
    shopper.cancel()
    assert _wait(shopper, 30)["error"]["code"] == "too_late"


@pytest.mark.req("FAIL-01", "DOM-09")
def test_who_changes_their_mind_cancels_at_once_and_is_never_charged(client: Client, clock: FrozenTime) -> None:
    shopper = _away(client)
    assert shopper.cancel()["status_text"] == "Cancelled. Nothing was charged."
    _back()
    assert ordering.take_waiting_payments() == 0
    run_jobs(also_later=True)
    clock.advance(minutes=1)
    payments.finish_cancellations()
    run_jobs(also_later=True)
    assert Order.objects.get().status == Status.CANCELLED
    assert Payment.objects.get().status == "cancelled"


@pytest.mark.req("FAIL-01", "PAY-14")
@pytest.mark.parametrize("charged", [True, False])
def test_who_cancels_after_an_answer_was_lost_is_told_nothing_that_nobody_knows(client: Client, charged: bool) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    intent_id = shopper.pay()["client_secret"].split("_secret_")[0]
    if charged:
        confirm(intent_id)
    _outage()
    shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert shopper.last == 503
    told = shopper.cancel()
    assert told["status_text"] == "Cancelled. Should your card be charged after all, the money goes back by itself."
    _back()
    run_jobs()
    seen = shopper.order()
    assert seen["version"] > told["version"], "screens read again"
    if charged:
        assert (seen["refund"]["status"], seen["refund"]["reason"]) == ("succeeded", "late_payment")
    else:
        assert seen["status_text"] == "Cancelled. Nothing was charged."


@pytest.mark.req("FAIL-01", "PAY-14")
def test_a_charge_that_shows_after_the_order_expired_goes_back(client: Client, clock: FrozenTime) -> None:
    shop = make_shop()
    shopper = Shopper(client)
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    intent_id = shopper.pay()["client_secret"].split("_secret_")[0]
    confirm(intent_id)
    _outage()
    clock.advance(minutes=18)
    assert ordering.expire_stale_orders() == 1
    assert shopper.order()["status_text"].endswith(
        "Should your card be charged after all, the money goes back by itself."
    )
    _back()
    run_jobs()
    order = shopper.order()
    assert (order["status"], order["refund"]["status"], order["refund"]["reason"]) == (
        "expired",
        "succeeded",
        "late_payment",
    )
    assert [one.amount for one in sdk().v1.refunds.list({"payment_intent": intent_id}).data] == [order["total_cents"]]


@pytest.mark.req("FAIL-01")
def test_one_order_asks_while_the_provider_is_away_and_all_follow_when_it_is_back(
    client: Client, clock: FrozenTime
) -> None:
    shop = make_shop()
    shoppers = []
    for _ in range(8):
        shopper = Shopper(client)
        shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
        ordering.note_provider_away(order_id=UUID(shopper.order_id))
        shoppers.append(shopper)
    _keep_the_breaker_closed(shop, clock)
    _outage()
    asked = _asked()
    assert ordering.take_waiting_payments() == 0
    # Three probes, each perhaps once more by itself; the breaker, which would hold them all back, is closed.
    assert 3 <= _asked() - asked <= 3 * 2
    _back()
    clock.advance(minutes=2)
    assert ordering.take_waiting_payments() == 8
    assert {shopper.order()["payment_wait"]["state"] for shopper in shoppers} == {"ready"}


def _keep_the_breaker_closed(shop: Shop, clock: FrozenTime) -> None:
    """Have so many calls answered that failures of all orders, twice each, would be less than half of all calls.

    The breaker counts answers only from a first failure on.
    """
    payment = payments.create_intent(reference=make_order(shop=shop).order.id)
    _outage()
    with pytest.raises(ProviderAway):
        payments.refresh(payment_id=payment.id)
    _back()
    for _ in range(30):
        clock.advance(seconds=0.2)  # as much as the budget needs
        payments.refresh(payment_id=payment.id)


def _asked() -> int:
    found: list[Json] = sandbox("/_sandbox/stripe/requests?path=/v1/payment_intents&limit=1000", method="GET")[
        "requests"
    ]
    return len(found)
