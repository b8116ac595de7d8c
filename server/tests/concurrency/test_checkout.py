"""Many people at once: exactly the right number succeed, the others get a clear refusal, nothing leaks.

Each thread has its own connection and waits at a barrier, so that all start together.
"""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import pytest
from django.test import Client

from codepop.catalog.recipe import line_amounts
from codepop.catalog.selectors import catalogue
from codepop.core.db import transaction
from codepop.core.errors import AppError
from codepop.core.models import IdempotencyKey, InboxMessage
from codepop.inventory.models import Reservation, StockLevel
from codepop.inventory.selectors import discrepancies
from codepop.inventory.tests.factories import set_stock
from codepop.ordering import services as ordering
from codepop.ordering.machine import PickupMode, Status
from codepop.ordering.models import Order, OrderLine, OrderTransition, Quote
from codepop.ordering.tests.factories import Shop, make_line, make_order, make_shop
from codepop.ordering.tests.http import Shopper
from codepop.ordering.timing import Pickup
from codepop.payments import services as payments
from codepop.payments.models import LedgerTransaction, Payment, Refund
from tests.racing import at_once
from tests.stripe_side import confirm, empty_queue, events_of, post_event, run_jobs, sdk

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _empty_queue(transactional_db: None) -> None:
    empty_queue()


CROWD = 50


def _place(quote_id: str, key: str) -> tuple[int, str]:
    """Place an order over HTTP; returns the status and the order's id or the refusal's code."""
    shopper = Shopper(Client())
    answer = shopper.place(quote_id, key=key)
    return shopper.last, str(answer["id"] if shopper.last == 201 else answer["error"]["code"])


def _nothing_leaked(orders: int) -> None:
    assert Order.objects.count() == orders
    assert OrderLine.objects.count() == orders
    assert OrderTransition.objects.count() == orders
    assert Payment.objects.count() == orders
    assert Reservation.objects.filter(status="active").count() == orders
    assert IdempotencyKey.objects.filter(status=0).count() == 0
    assert discrepancies() == []


def _quotes(shop: Shop, number: int, *, pumps: int = 2) -> list[str]:
    lines = [make_line(shop.menu, pumps=pumps)]
    return [
        str(ordering.place_quote(store_id=shop.store.id, lines=lines, pickup=Pickup())["id"]) for _ in range(number)
    ]


@pytest.mark.req("DB-02", "PAY-15")
def test_fifty_requests_with_one_key_make_one_order() -> None:
    shop = make_shop()
    (quote_id,) = _quotes(shop, 1)
    key = str(uuid4())
    answers = at_once([lambda: _place(quote_id, key)] * CROWD)
    assert {status for status, _ in answers} == {201}
    assert len({order_id for _, order_id in answers}) == 1
    _nothing_leaked(1)


@pytest.mark.req("DB-02")
def test_fifty_people_with_one_quote_make_one_order() -> None:
    shop = make_shop()
    (quote_id,) = _quotes(shop, 1)
    answers = at_once([lambda: _place(quote_id, str(uuid4()))] * CROWD)
    assert Counter(status for status, _ in answers) == {201: 1, 409: CROWD - 1}
    assert {code for status, code in answers if status == 409} == {"quote_used"}
    _nothing_leaked(1)


@pytest.mark.req("D12", "DOM-30")
def test_fifty_people_for_the_last_portion_of_a_shared_syrup() -> None:
    shop = make_shop()
    need = line_amounts(make_line(shop.menu, pumps=3), catalogue=catalogue())[shop.menu.peach.id]
    one_pump = need // 3
    set_stock(store=shop.store, ingredient=shop.menu.peach, on_hand=3 * need + 2 * one_pump)
    quotes = _quotes(shop, CROWD, pumps=3)
    answers = at_once([lambda quote_id=quote_id: _place(quote_id, str(uuid4())) for quote_id in quotes])  # type: ignore[misc]
    assert Counter(status for status, _ in answers) == {201: 3, 409: CROWD - 3}
    assert {code for status, code in answers if status == 409} == {"quote_refused"}
    level = StockLevel.objects.get(store=shop.store, ingredient=shop.menu.peach)
    assert (level.on_hand, level.reserved) == (3 * need + 2 * one_pump, 3 * need)
    _nothing_leaked(3)
    assert Quote.objects.filter(used_at__isnull=False).count() == 3


@pytest.mark.req("DOM-30")
def test_orders_of_different_drinks_do_not_lock_each_other_out() -> None:
    shop = make_shop()
    quotes = _quotes(shop, 10, pumps=1) + _quotes(shop, 10, pumps=4)
    answers = at_once([lambda quote_id=quote_id: _place(quote_id, str(uuid4())) for quote_id in quotes])  # type: ignore[misc]
    assert {status for status, _ in answers} == {201}
    _nothing_leaked(20)


def _try(act: Callable[[], None]) -> str:
    try:
        act()
    except AppError as refusal:
        return refusal.code
    return "done"


@pytest.mark.req("DOM-09", "PAY-16")
@pytest.mark.parametrize("_round", range(5))
def test_cancelling_against_the_start_has_one_winner(_round: int) -> None:
    order = make_order(status=Status.QUEUED).order

    def start() -> None:
        with transaction():
            ordering.start_preparation(order_id=order.id, robot_name="Robot 1", door_number=3, code_nonce=5)

    def cancel() -> None:
        ordering.cancel_order(order_id=order.id, actor="guest")

    outcomes = at_once([lambda: _try(start), *[lambda: _try(cancel)] * 4])
    order.refresh_from_db()
    if outcomes[0] == "done":
        assert order.status == Status.PREPARING
        assert set(outcomes[1:]) == {"too_late"}
        assert Refund.objects.count() == 0
    else:
        assert (order.status, outcomes[0]) == (Status.CANCELLED, "illegal_move")
        assert set(outcomes[1:]) == {"done"}
        assert Refund.objects.count() == 1
    moves = OrderTransition.objects.filter(order=order).order_by("id").values_list("to_status", flat=True)
    assert list(moves) == ["queued", order.status]


@pytest.mark.req("PAY-14")
def test_one_message_five_times_at_once_pays_once(sandbox_url: str) -> None:
    order = make_order(pickup=Pickup(PickupMode.NOW)).order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    events = [e for e in events_of(payment.intent_id or "") if e["type"] == "payment_intent.succeeded"]
    assert at_once([lambda: post_event(Client(), events[0])] * 5) == [200] * 5
    message_id = InboxMessage.objects.get().id

    def look() -> None:
        payments.refresh(payment_id=payment.id)

    def take() -> None:
        payments.take_message(message_id=message_id)

    at_once([lambda: _try(take)] * 5 + [lambda: _try(look)] * 5)
    moves = OrderTransition.objects.filter(order=order).order_by("id").values_list("to_status", flat=True)
    assert list(moves) == ["payment_pending", "paid", "queued"]
    assert LedgerTransaction.objects.count() == 1


@pytest.mark.req("PAY-15")
def test_many_tabs_ask_for_one_intent(sandbox_url: str) -> None:
    order = make_order().order
    made = at_once([lambda: payments.create_intent(reference=order.id).intent_id] * 8)
    assert len(set(made)) == 1
    listed = sdk().v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    mine = [one.id for one in listed if one.metadata.to_dict().get("order") == str(order.id)]
    assert mine == [made[0]]


@pytest.mark.req("PAY-08")
def test_a_refund_asked_for_and_carried_out_many_times_at_once_is_one(sandbox_url: str) -> None:
    order = make_order().order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    payments.refresh(payment_id=payment.id)
    at_once([lambda: _try(lambda: ordering.cancel_order(order_id=order.id, actor="guest"))] * 5)
    at_once([lambda: payments.run_refund(payment_id=payment.id, reason="cancelled").status] * 5)
    run_jobs()
    refunds = sdk().v1.refunds.list({"payment_intent": payment.intent_id or ""}).data
    assert [refund.amount for refund in refunds] == [order.total_cents]
    assert sorted(LedgerTransaction.objects.values_list("kind", flat=True)) == ["charge", "refund"]


@pytest.mark.req("PAY-14", "DOM-09")
@pytest.mark.parametrize("_round", range(3))
def test_cancelling_against_the_success_loses_no_money(sandbox_url: str, _round: int) -> None:
    order = make_order().order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "")

    def look() -> None:
        payments.refresh(payment_id=payment.id)

    def cancel() -> None:
        ordering.cancel_order(order_id=order.id, actor="guest")

    at_once([lambda: _try(cancel), lambda: _try(look)])
    run_jobs(also_later=True)
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert [r.status for r in Refund.objects.all()] == ["succeeded"]
    assert sum(one.amount for one in sdk().v1.refunds.list({"payment_intent": payment.intent_id or ""}).data) == (
        order.total_cents
    )
