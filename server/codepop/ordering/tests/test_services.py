"""The commands on quotes and orders, apart from money at the provider (tests/money has that)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from codepop.core.db import transaction
from codepop.core.errors import NotFound
from codepop.inventory.selectors import discrepancies, reservation
from codepop.inventory.tests.factories import set_stock
from codepop.kit.clock import frozen, now
from codepop.ordering import selectors, services
from codepop.ordering.errors import IllegalMove, PickupInvalid, QuoteRefused, StoreClosed, TooLate
from codepop.ordering.machine import PickupMode, Status
from codepop.ordering.models import Order, Quote
from codepop.ordering.tests.factories import Shop, make_line, make_order, make_quote, make_shop
from codepop.ordering.timing import START_MARGIN, Pickup
from codepop.payments.models import Refund
from codepop.stores.tests.factories import make_robot, make_store

pytestmark = pytest.mark.django_db

NOW = Pickup(PickupMode.NOW)
CLOSING = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 22:00 in Logan, on a Monday


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def _later(**delta: float) -> Pickup:
    return Pickup(PickupMode.AT, now() + timedelta(**delta))


def _fresh(order: Order) -> Order:
    return Order.objects.get(id=order.id)


# Quotes


@pytest.mark.req("PAY-01", "PAY-23")
def test_a_quote_says_what_it_costs_and_when_it_would_be_ready(shop: Shop) -> None:
    quote = make_quote(shop=shop, lines=[make_line(shop.menu, quantity=2), make_line(shop.menu, pumps=4, name="Mine")])
    # 24 oz 2.70, a pump of peach 0.40, a portion of cream 0.75; 7 % tax on the sum
    assert [line["unit_price_cents"] for line in quote["lines"]] == [425, 505]
    assert (quote["subtotal_cents"], quote["tax_cents"], quote["total_cents"]) == (1355, 95, 1450)
    assert [line["name"] for line in quote["lines"]] == ["Canyon Sunset", "Mine"]
    assert quote["lines"][0]["allergens"] == ["milk"]
    assert quote["lines"][0]["nutrition"]["kcal"] > 0
    assert quote["ready_in_seconds"] == 3 * 45 + 20
    assert quote["store"]["name"] == shop.store.name
    assert reservation(UUID(quote["id"])) is None


def test_the_queue_of_the_store_makes_a_quote_later(shop: Shop) -> None:
    for _ in range(3):
        make_order(status=Status.QUEUED, shop=shop, quantity=2)
    make_order(status=Status.READY, shop=shop)
    assert make_quote(shop=shop)["ready_in_seconds"] == 3 * (90 + 20) // 2 + 65


@pytest.mark.req("D12")
def test_a_quote_refuses_what_is_sold_out_and_names_the_field(shop: Shop) -> None:
    set_stock(store=shop.store, ingredient=shop.menu.peach, on_hand=8)
    with pytest.raises(QuoteRefused) as refused:
        make_quote(shop=shop, lines=[make_line(shop.menu, pumps=0), make_line(shop.menu)])
    assert refused.value.fields == {
        "lines.1.recipe.syrups.0": "Only 1 pump of peach syrup left for the whole order: take less."
    }
    assert Quote.objects.count() == 0


@pytest.mark.req("DOM-08", "DOM-11")
@pytest.mark.parametrize(
    ("quantities", "field"), [([13], "lines.0.quantity"), ([6, 7], "lines"), ([], "lines")], ids=str
)
def test_a_quote_has_limits(shop: Shop, quantities: list[int], field: str) -> None:
    with pytest.raises(QuoteRefused) as refused:
        services.place_quote(
            store_id=shop.store.id,
            lines=[make_line(shop.menu, quantity=quantity) for quantity in quantities],
            pickup=Pickup(),
        )
    assert field in refused.value.fields


def test_a_quote_needs_an_open_store_that_takes_orders(shop: Shop) -> None:
    paused = make_shop(
        store=make_store(hub=shop.store.hub, accepting_orders=False, pause_reason="We are cleaning.", robots=1),
        menu=shop.menu,
    )
    with pytest.raises(StoreClosed, match="We are cleaning"):
        make_quote(shop=paused)
    closed = make_shop(store=make_store(hub=shop.store.hub, hours=[], robots=1), menu=shop.menu)
    with pytest.raises(StoreClosed, match="closed now"):
        make_quote(shop=closed)
    with pytest.raises(PickupInvalid, match="closed at"):
        make_quote(shop=closed, pickup=_later(hours=1))


def test_forgotten_quotes_are_deleted(shop: Shop) -> None:
    make_quote(shop=shop)
    assert services.forget_quotes() == 0
    with frozen(now() + timedelta(days=2)):
        assert services.forget_quotes() == 1


# Pickup


@pytest.mark.req("DOM-05")
def test_start_now_puts_a_paid_order_into_line(shop: Shop) -> None:
    order = make_order(status=Status.PAID, shop=shop).order
    services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
    after = _fresh(order)
    assert (after.status, after.status_actor, after.pickup_mode) == (Status.QUEUED, "guest", "now")
    assert after.release_at is not None
    services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
    assert _fresh(order).status == Status.QUEUED


@pytest.mark.req("DOM-05", "DOM-07")
def test_a_scheduled_order_is_released_in_time_and_not_before(shop: Shop) -> None:
    order = make_order(status=Status.PAID, shop=shop).order
    with frozen(now()) as clock:
        pickup = _later(hours=2)
        services.choose_pickup(order_id=order.id, pickup=pickup, actor="guest")
        assert pickup.at is not None
        due = pickup.at - timedelta(seconds=order.make_seconds) - START_MARGIN
        assert (_fresh(order).status, _fresh(order).release_at) == (Status.PAID, due)
        assert services.release_due_orders() == 0
        clock.at = due
        assert services.release_due_orders() == 1
        assert _fresh(order).status == Status.QUEUED
        assert services.release_due_orders() == 0


def test_a_queued_order_can_be_put_off(shop: Shop) -> None:
    order = make_order(status=Status.PAID, shop=shop).order
    services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
    services.choose_pickup(order_id=order.id, pickup=_later(hours=3), actor="guest")
    assert (_fresh(order).status, _fresh(order).pickup_mode) == (Status.PAID, "at")
    services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
    assert _fresh(order).status == Status.QUEUED


def test_an_unpaid_order_keeps_the_choice_for_later(shop: Shop) -> None:
    order = make_order(shop=shop).order
    services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
    assert (_fresh(order).status, _fresh(order).pickup_mode) == (Status.PAYMENT_PENDING, "now")


@pytest.fixture
def evening(shop: Shop) -> Shop:
    """A store in Logan that closes at ten in the evening; CLOSING is such an instant."""
    hours = [(weekday, 7 * 60, 22 * 60) for weekday in range(7)]
    return make_shop(store=make_store(hub=shop.store.hub, hours=hours, robots=2, doors=2), menu=shop.menu)


@pytest.mark.req("DOM-05", "DOM-07")
def test_what_is_paid_after_closing_is_not_made_for_nobody(evening: Shop) -> None:
    """Ordered in time and paid too late: its person is asked again, with the money still theirs to take back."""
    with frozen(CLOSING - timedelta(minutes=10)) as clock:
        order = make_order(shop=evening, pickup=NOW).order
        clock.at = CLOSING
        with transaction():
            services.take_payment(order_id=order.id)
        after = _fresh(order)
        assert (after.status, after.pickup_mode, after.release_at) == (Status.PAID, "", None)
        assert after.ready_estimate_at is None
        assert selectors.get_order(order.id)["status_text"] == "Paid. Tell us when to start."
        with pytest.raises(StoreClosed):
            services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
        services.choose_pickup(order_id=order.id, pickup=_later(hours=12), actor="guest")
        assert _fresh(order).release_at is not None


@pytest.mark.req("DOM-07")
def test_what_is_paid_in_time_is_made_until_closing(evening: Shop) -> None:
    with frozen(CLOSING - timedelta(minutes=10)) as clock:
        order = make_order(shop=evening, pickup=NOW).order
        clock.at = CLOSING - timedelta(seconds=order.make_seconds + 1)
        with transaction():
            services.take_payment(order_id=order.id)
        assert _fresh(order).status == Status.QUEUED


@pytest.mark.req("DOM-05", "DOM-07")
@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=1)], ids=["in time", "after an outage of ours"])
def test_a_scheduled_order_is_made_only_while_the_store_is_open(evening: Shop, late: timedelta) -> None:
    """Released in time for the last minutes, and for the first ones; not an hour after closing."""
    for at in (CLOSING - timedelta(minutes=1), CLOSING + timedelta(hours=9)):
        with frozen(CLOSING - timedelta(hours=2)) as clock:
            order = make_order(status=Status.PAID, shop=evening).order
            services.choose_pickup(order_id=order.id, pickup=Pickup(PickupMode.AT, at), actor="guest")
            due = _fresh(order).release_at
            assert due is not None
            clock.at = due + late
            made = not late or at > CLOSING
            assert services.release_due_orders() == int(made)
            assert _fresh(order).status == (Status.QUEUED if made else Status.PAID)
            assert _fresh(order).pickup_mode == ("at" if made else "")


@pytest.mark.parametrize("status", [s for s in Status if s not in ("payment_pending", "paid", "queued")])
def test_after_the_start_the_pickup_stays(shop: Shop, status: Status) -> None:
    order = make_order(status=status, shop=shop).order
    with pytest.raises(TooLate):
        services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
    assert _fresh(order).version == 1


# Cancelling


@pytest.mark.req("DOM-09", "PAY-08")
@pytest.mark.parametrize("status", Status)
def test_cancelling_is_possible_until_a_robot_starts(shop: Shop, status: Status) -> None:
    order = make_order(status=status, shop=shop).order
    if status in ("payment_pending", "paid", "queued"):
        services.cancel_order(order_id=order.id, actor="guest", reason="Wrong store.")
        after = _fresh(order)
        assert (after.status, after.status_reason) == (Status.CANCELLED, "Wrong store.")
        held = reservation(order.id)
        assert held is not None
        assert held.status == "released"
        assert Refund.objects.count() == (0 if status == Status.PAYMENT_PENDING else 1)
        services.cancel_order(order_id=order.id, actor="guest")
        assert Refund.objects.count() <= 1
    elif status == Status.CANCELLED:
        services.cancel_order(order_id=order.id, actor="guest")
        assert _fresh(order).version == 1
    else:
        with pytest.raises(TooLate):
            services.cancel_order(order_id=order.id, actor="guest")
        assert (_fresh(order).status, Refund.objects.count()) == (status, 0)
    assert discrepancies() == []


# The machines


@pytest.mark.req("DOM-09")
def test_a_drink_is_made_shown_and_fetched(shop: Shop) -> None:
    order = make_order(status=Status.QUEUED, shop=shop, quantity=2).order
    with transaction():
        services.start_preparation(order_id=order.id, robot_name="Robot 2", door_number=7, code_nonce=3)
    with transaction():
        services.record_progress(order_id=order.id, drink_index=1, drinks=2, step_text="Pouring peach", share=0.613)
    shown = selectors.get_order(order.id)
    assert shown["progress"] == {"drink_index": 1, "drinks": 2, "step_text": "Pouring peach", "share": 0.613}
    assert shown["status_text"] == "Pouring peach."
    assert shown["pickup_code"] is not None
    assert shown["door"] is None
    until = now() + timedelta(minutes=20)
    with transaction():
        services.mark_ready(order_id=order.id, expires_at=until)
    ready = selectors.get_order(order.id)
    assert ready["door"] == {"number": 7}
    assert ready["pickup_code"] is not None
    assert ready["status_text"] == f"Behind door 7. Your code is {ready['pickup_code']['text']}."
    assert (ready["expires_at"], ready["progress"]) == (until, None)
    with transaction():
        services.record_progress(order_id=order.id, drink_index=1, drinks=2, step_text="Late", share=0.9)
    assert selectors.get_order(order.id)["version"] == ready["version"]
    with transaction():
        services.mark_picked_up(order_id=order.id)
    done = selectors.get_order(order.id)
    assert (done["status"], done["pickup_code"], done["door"]) == ("picked_up", None, None)
    assert [step["text"] for step in done["timeline"]] == ["In line", "Being made", "Ready", "Picked up"]


def test_a_returned_order_keeps_its_place_in_line(shop: Shop) -> None:
    first, second = (make_order(status=Status.PAID, shop=shop).order for _ in range(2))
    for order in (first, second):
        services.choose_pickup(order_id=order.id, pickup=NOW, actor="guest")
    assert selectors.get_order(second.id)["status_text"] == "In line: 1 order before yours."
    with transaction():
        services.start_preparation(order_id=first.id, robot_name="Robot 1", door_number=7, code_nonce=3)
    assert selectors.get_order(second.id)["status_text"] == "In line: yours is next."
    with transaction():
        services.return_to_queue(order_id=first.id, reason="The robot jammed.")
    returned = _fresh(first)
    assert (returned.status, returned.door_number, returned.robot_name) == (Status.QUEUED, None, "")
    assert selectors.get_order(second.id)["status_text"] == "In line: 1 order before yours."
    assert selectors.get_order(first.id)["timeline"][-1]["text"] == "Back in line"


@pytest.mark.req("DOM-09")
@pytest.mark.parametrize("status", [Status.QUEUED, Status.PREPARING])
def test_what_our_machines_fail_to_make_is_refunded(shop: Shop, status: Status) -> None:
    order = make_order(status=status, shop=shop).order
    with transaction():
        services.fail_order(order_id=order.id, reason="The robot jammed.")
    refund = Refund.objects.get()
    assert (_fresh(order).status, refund.reason_key) == (Status.FAILED, "machine_failure")
    held = reservation(order.id)
    assert held is not None
    assert held.status == ("released" if status == Status.QUEUED else "consumed")
    shown = selectors.get_order(order.id)
    assert shown["refund"] == {"status": "pending", "amount_cents": order.total_cents, "reason": "machine_failure"}
    assert shown["status_text"].endswith("Your money is on its way back.")


def test_a_drink_nobody_fetched_is_thrown_away_without_refund(shop: Shop) -> None:
    order = make_order(status=Status.READY, shop=shop).order
    with transaction():
        services.mark_discarded(order_id=order.id)
    assert (_fresh(order).status, Refund.objects.count()) == (Status.DISCARDED, 0)


def test_machines_can_not_move_an_order_that_is_elsewhere(shop: Shop) -> None:
    order = make_order(status=Status.CANCELLED, shop=shop).order
    with pytest.raises(IllegalMove), transaction():
        services.start_preparation(order_id=order.id, robot_name="Robot 1", door_number=1, code_nonce=1)
    with pytest.raises(NotFound), transaction():
        services.mark_ready(order_id=uuid4(), expires_at=now())


# The clock


def test_unpaid_orders_are_closed_in_time_and_their_stock_is_free_again(shop: Shop) -> None:
    order = make_order(shop=shop).order
    assert services.expire_stale_orders() == 0
    with frozen(now() + timedelta(minutes=16)):
        assert services.expire_stale_orders() == 1
        assert services.expire_stale_orders() == 0
    held = reservation(order.id)
    assert held is not None
    assert (_fresh(order).status, held.status) == (Status.EXPIRED, "released")
    assert selectors.get_order(order.id)["status_text"] == (
        "Not paid in time, so we closed this order. Nothing was charged."
    )


def test_paid_orders_that_nobody_ever_starts_are_refunded(shop: Shop) -> None:
    waiting = make_order(status=Status.PAID, shop=shop).order
    scheduled = make_order(status=Status.PAID, shop=shop).order
    services.choose_pickup(order_id=scheduled.id, pickup=_later(days=3), actor="guest")
    with frozen(now() + timedelta(hours=25)):
        assert services.expire_stale_orders() == 1
    assert (_fresh(waiting).status, _fresh(scheduled).status) == (Status.CANCELLED, Status.PAID)
    assert Refund.objects.get().payment.reference == waiting.id


# Again, and what others need to know


def test_the_same_again_leaves_out_what_left_the_menu(shop: Shop) -> None:
    order = make_order(shop=shop, quantity=2).order
    again = services.reorder_lines(order_id=order.id)
    assert [(line["name"], line["quantity"]) for line in again.lines] == [("Canyon Sunset", 2)]
    assert again.unavailable == []
    shop.menu.drink.offered = False
    shop.menu.drink.save()
    gone = services.reorder_lines(order_id=order.id)
    assert (gone.lines, gone.unavailable) == ([], ["Canyon Sunset"])


def test_what_is_to_be_made_is_what_was_bought(shop: Shop) -> None:
    order = make_order(status=Status.QUEUED, shop=shop, quantity=3).order
    view = selectors.to_make(order.id)
    assert (view.code, view.store_id) == (order.code, order.store_id)
    assert [(line.name, line.size, line.quantity) for line in view.lines] == [("Canyon Sunset", "s24", 3)]
    label = selectors.order_labels([order.id])[order.id]
    assert (label.code, label.title, label.drinks) == (order.code, "Canyon Sunset + 2", 3)


def test_queues_are_told_per_store(shop: Shop) -> None:
    make_robot(store=shop.store, number=9)
    order = make_order(status=Status.QUEUED, shop=shop).order
    assert selectors.queue_seconds_of([shop.store.id, uuid4()]) == {shop.store.id: order.make_seconds}
