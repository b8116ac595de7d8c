"""The figures are those of the books: each is held against rows made by the product's own commands."""

from datetime import timedelta
from uuid import UUID

import pytest

from codepop.core.db import transaction
from codepop.fulfilment.tests.factories import Cooler, make_cooler, make_queued, make_ready
from codepop.inventory import services as inventory
from codepop.kit.clock import frozen, now
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import make_order
from codepop.payments.models import Account, LedgerEntry, LedgerKind, LedgerTransaction, Payment
from codepop.reporting import selectors

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _book(reference: UUID, *, sales: int, tax: int, refund: bool = False) -> None:
    payment = Payment.objects.get(reference=reference)
    booked = LedgerTransaction.objects.create(
        key=f"{'refund' if refund else 'charge'}:{payment.id}",
        kind=LedgerKind.REFUND if refund else LedgerKind.CHARGE,
        payment=payment,
        store_id=payment.store_id,
        happened_at=now(),
    )
    sign = -1 if refund else 1
    sides = [
        (Account.STRIPE_RECEIVABLE, sign * (sales + tax)),
        (Account.REFUNDS if refund else Account.SALES, -sign * sales),
        (Account.TAX_PAYABLE, -sign * tax),
    ]
    LedgerEntry.objects.bulk_create(
        LedgerEntry(transaction=booked, account=account, currency="usd", amount_cents=cents) for account, cents in sides
    )


@pytest.mark.req("DOM-45", "PAY-28")
def test_sold_is_sales_without_tax_and_without_what_was_given_back() -> None:
    cooler = make_cooler()
    other = make_cooler(menu=cooler.shop.menu)
    for shop, cents in ((cooler.shop, 700), (cooler.shop, 500), (other.shop, 900)):
        order = make_order(status=Status.PAID, shop=shop).order
        _book(order.id, sales=cents, tax=50)
    _book(order_id_of(cooler), sales=500, tax=50, refund=True)
    found = selectors.sold(cooler.store_id, since=now() - DAY, until=now() + DAY)
    assert (found.sales_cents, found.refunds_cents, found.net_cents) == (1200, 500, 700)
    assert selectors.sold(cooler.store_id, since=now() - DAY * 2, until=now() - DAY).net_cents == 0
    (day,) = selectors.sold_by_day(cooler.store_id, timezone="America/Denver", at=now())
    assert (day.orders, day.sales_cents, day.refunds_cents, day.tax_cents) == (2, 1200, 500, 50)


def order_id_of(cooler: Cooler) -> UUID:
    """Return one of the store's orders."""
    return selectors.store_orders(cooler.store_id, group="future", before=None).rows[0].id


@pytest.mark.req("DOM-45")
def test_a_promise_is_kept_when_the_drink_is_ready_by_the_time_that_was_chosen() -> None:
    cooler = make_cooler()
    start = now()
    with frozen(start) as time:
        for late in (False, True):
            made, _ = make_ready(cooler, robot=int(late))
            made.order.pickup_mode, made.order.pickup_at = "at", now() + timedelta(seconds=-60 if late else 60)
            made.order.save(update_fields=["pickup_mode", "pickup_at"])
        time.advance(seconds=1)
        found = selectors.promise(cooler.store_id, since=start - DAY, until=now())
    assert (found.ready, found.kept) == (2, 1)


@pytest.mark.req("DOM-45")
def test_orders_are_listed_by_what_lies_ahead_of_them() -> None:
    cooler = make_cooler()
    ids = {
        status: make_order(status=status, shop=cooler.shop).order.id
        for status in (Status.PAID, Status.READY, Status.PICKED_UP, Status.CANCELLED, Status.PAYMENT_PENDING)
    }
    listed = {group: _listed(cooler, group) for group in selectors.GROUPS}
    assert listed == {
        "in-progress": [ids[Status.READY]],
        "future": [ids[Status.PAYMENT_PENDING], ids[Status.PAID]],
        "past": [ids[Status.CANCELLED], ids[Status.PICKED_UP]],
    }
    assert selectors.count_orders(cooler.store_id) == {"in-progress": 1, "future": 2}


def _listed(cooler: Cooler, group: str) -> list[UUID]:
    return [row.id for row in selectors.store_orders(cooler.store_id, group=group, before=None).rows]


@pytest.mark.req("DOM-45")
def test_pages_of_orders_neither_repeat_nor_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "PAGE", 2)
    cooler = make_cooler()
    made = [make_order(status=Status.CANCELLED, shop=cooler.shop).order.id for _ in range(5)]
    seen: list[UUID] = []
    before = None
    while True:
        page = selectors.store_orders(cooler.store_id, group="past", before=before)
        seen += [row.id for row in page.rows]
        if page.before is None:
            break
        before = page.before
    assert seen == made[::-1]


@pytest.mark.req("SEC-11")
def test_an_order_of_another_store_is_not_found() -> None:
    cooler = make_cooler()
    other = make_cooler(menu=cooler.shop.menu)
    order = make_order(shop=other.shop).order
    assert selectors.find_order(cooler.store_id, order.id) is None
    found = selectors.find_order(other.store_id, order.id)
    assert found is not None
    assert found.row.total_cents == order.total_cents
    assert [line.quantity for line in found.lines] == [1]
    assert [moment.status for moment in found.history] == ["payment_pending"]
    assert found.payment is not None
    assert found.payment.status == "new"


def test_released_orders_are_counted_by_quarter_hour() -> None:
    cooler = make_cooler()
    with frozen(now().replace(minute=7)) as time:
        make_queued(cooler)
        make_queued(cooler)
        time.advance(minutes=15)
        make_queued(cooler)
        found = selectors.released_by_quarter(cooler.store_id, since=now() - DAY, until=now() + DAY)
    assert [(at.minute, count) for at, count in found] == [(0, 2), (15, 1)]


def test_use_tells_what_was_used_on_which_day_and_the_level_after_the_delivery() -> None:
    cooler = make_cooler(on_hand=1000)
    cola = cooler.shop.menu.cola.id
    start = now()
    with frozen(start) as time:
        time.advance(seconds=1)
        with transaction():
            inventory.receive(store_id=cooler.store_id, amounts={cola: 500})
        time.advance(hours=30)
        with transaction():
            inventory.reserve(store_id=cooler.store_id, reference=make_reference(), amounts={cola: 40})
        with transaction():
            inventory.consume(reference=make_reference())
        found = selectors.stock_use(cooler.store_id, at=now())[cola]
    assert found.after_delivery == 1500
    assert found.daily[-1] == 40
    assert found.last_week == sum(found.daily) == 40


def make_reference() -> UUID:
    """Return the reference that stands for an order here."""
    return UUID(int=7)


def test_a_glance_counts_what_a_list_of_stores_shows() -> None:
    cooler = make_cooler(robots=2)
    make_queued(cooler)
    make_ready(cooler)
    glance = selectors.glances([cooler.store_id])[cooler.store_id]
    assert (glance.in_progress, glance.doors_taken, glance.robots_working, glance.robots) == (1, 1, 2, 2)
    assert glance.stock_low == 0
