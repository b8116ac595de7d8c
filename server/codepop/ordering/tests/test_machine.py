"""The table of moves, and that the database holds to it whatever the code says."""

import itertools

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from codepop.core.db import transaction as command
from codepop.ordering.errors import IllegalMove
from codepop.ordering.machine import FINAL, FIRST, PAIRS, TABLE, Move, Status, after
from codepop.ordering.models import Order, OrderTransition
from codepop.ordering.services.moves import locked_order, move
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from tests.database_role import as_owner

ALLOWED = set(PAIRS)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.mark.req("PAY-16", "CORE-05")
def test_the_life_is_the_one_of_the_design() -> None:
    assert set(itertools.starmap(lambda a, b: f"{a} {b}", PAIRS)) == {
        "payment_pending paid",
        "payment_pending expired",
        "payment_pending cancelled",
        "paid queued",
        "paid cancelled",
        "queued paid",
        "queued preparing",
        "queued cancelled",
        "queued failed",
        "preparing ready",
        "preparing queued",
        "preparing failed",
        "ready picked_up",
        "ready discarded",
    }
    assert {status.value for status in FINAL} == {"picked_up", "cancelled", "expired", "failed", "discarded"}


@pytest.mark.req("PAY-16")
def test_every_state_can_be_reached() -> None:
    reached = {FIRST}
    for _ in Status:
        reached |= {target for (status, _), target in TABLE.items() if status in reached}
    assert reached == set(Status)


@pytest.mark.django_db
@pytest.mark.req("PAY-16", "DB-02")
@pytest.mark.parametrize("status", Status)
def test_the_database_refuses_every_other_move(shop: Shop, status: Status) -> None:
    order = make_order(status=status, shop=shop).order
    for target in Status:
        if target == status or (status.value, target.value) in ALLOWED:
            continue
        with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
            Order.objects.filter(id=order.id).update(status=target.value)
    order.refresh_from_db()
    assert order.status == status


@pytest.mark.django_db
@pytest.mark.req("PAY-16", "CORE-05")
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("what", Move)
def test_every_event_in_every_state(shop: Shop, status: Status, what: Move) -> None:
    order = make_order(status=status, shop=shop).order
    before = OrderTransition.objects.filter(order=order).count()
    target = after(status, what)
    if target is None:
        with pytest.raises(IllegalMove) as refused, command():
            move(locked_order(order.id), what, actor="test", door_number=7, code_nonce=1)
        assert refused.value.fields == {"status": status.value}
        assert OrderTransition.objects.filter(order=order).count() == before
        return
    with command():
        move(locked_order(order.id), what, actor="test", reason="because", door_number=7, code_nonce=1)
    row = OrderTransition.objects.filter(order=order).order_by("-id")[0]
    assert (row.from_status, row.to_status, row.actor, row.reason) == (status, target, "test", "because")
    order.refresh_from_db()
    assert (order.status, order.version) == (target, 2)


@pytest.mark.django_db
@pytest.mark.req("PAY-16")
def test_history_is_written_by_the_database_and_never_changed(shop: Shop) -> None:
    order = make_order(shop=shop).order
    Order.objects.filter(id=order.id).update(status="paid", status_actor="psql", status_reason="by hand")
    rows = OrderTransition.objects.filter(order=order).order_by("id").values_list("from_status", "to_status", "actor")
    assert list(rows) == [("", "payment_pending", "test"), ("payment_pending", "paid", "psql")]
    for statement in ("UPDATE ordering_ordertransition SET actor = 'x'", "DELETE FROM ordering_ordertransition"):
        with (
            as_owner(),
            pytest.raises(ProgrammingError, match="Cannot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.req("PAY-01", "PAY-23")
def test_the_price_of_an_order_never_changes(shop: Shop) -> None:
    order = make_order(shop=shop).order
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Order.objects.filter(id=order.id).update(total_cents=1, subtotal_cents=1, tax_cents=0)


@pytest.mark.django_db
def test_a_drink_in_the_making_needs_a_door(shop: Shop) -> None:
    order = make_order(status=Status.QUEUED, shop=shop).order
    with pytest.raises(IntegrityError, match="order_in_the_making_has_door"), transaction.atomic():
        Order.objects.filter(id=order.id).update(status="preparing")


@pytest.mark.django_db
def test_codes_are_short_and_come_one_after_another(shop: Shop) -> None:
    first, second = (make_order(shop=shop).order for _ in range(2))
    assert second.number == first.number + 1
    assert len(first.code) == 6
    assert first.code[1] == "-"
    assert first.code != second.code
    assert Order(number=0).code == "A-1000"
    assert Order(number=9_000).code == "B-1000"
    assert Order(number=215_999).code == "Z-9999"
    assert Order(number=216_000).code == "A-1000"


@pytest.mark.django_db(transaction=True)
def test_each_change_is_told_to_the_live_processes(shop: Shop) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN codepop_live")
    order = make_order(shop=shop).order
    Order.objects.filter(id=order.id).update(version=5)
    raw = connection.connection
    notices = [notice.payload for notice in raw.notifies(timeout=2, stop_after=2)]
    assert notices[0] == f'{{"order" : "{order.id}", "store" : "{order.store_id}", "version" : 1}}'
    assert notices[1].endswith('"version" : 5}')
