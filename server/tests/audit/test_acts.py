"""What staff do by hand is in the audit trail of its store, with who and why; what is refused is not."""

from datetime import timedelta

import pytest

from codepop.accounts.roles import Role
from codepop.accounts.tests.factories import make_staff
from codepop.aftersales import services as aftersales
from codepop.aftersales.errors import NeedsAnother
from codepop.aftersales.limits import Staff
from codepop.aftersales.services import BatchAsk
from codepop.aftersales.tests.factories import make_ask, make_giver
from codepop.core.audit import check
from codepop.core.db import transaction
from codepop.core.models import AuditEntry
from codepop.fulfilment.tests.factories import claim, make_cooler, make_queued
from codepop.inventory import services as inventory
from codepop.inventory.errors import ReasonMissing
from codepop.kit.clock import now
from codepop.kit.ids import uuid7
from codepop.ordering import services as ordering
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_order, make_shop
from codepop.stores import services as stores
from codepop.stores.errors import PauseNeedsReason

pytestmark = pytest.mark.django_db


def _acts(store_id: object) -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(chain=str(store_id)).order_by("number")
    return list(rows.values_list("actor", "action", "note"))


@pytest.mark.req("DB-12")
def test_pauses_and_counts_are_in_the_stores_chain() -> None:
    shop = make_shop()
    store_id, cola = shop.store.id, shop.menu.cola.id
    with pytest.raises(PauseNeedsReason):
        stores.pause_orders(store_id=store_id, reason=" ", actor="staff:a")
    stores.pause_orders(store_id=store_id, reason="Closed for cleaning.", actor="staff:a")
    stores.resume_orders(store_id=store_id, actor="staff:b")
    with pytest.raises(ReasonMissing), transaction():
        inventory.correct(store_id=store_id, ingredient_id=cola, counted=5, reason="", actor="staff:c")
    with transaction():
        inventory.correct(store_id=store_id, ingredient_id=cola, counted=5, reason="Bottle broke.", actor="staff:c")
        inventory.set_low_threshold(store_id=store_id, ingredient_id=cola, threshold=9, actor="staff:c")
    assert _acts(store_id) == [
        ("staff:a", "store.pause", "Closed for cleaning."),
        ("staff:b", "store.resume", ""),
        ("staff:c", "stock.correct", "Bottle broke."),
        ("staff:c", "stock.threshold", ""),
    ]
    assert check().findings == []


@pytest.mark.req("DB-12", "PAY-10")
def test_what_is_made_good_is_in_the_stores_chain_by_asker_and_decider() -> None:
    order = make_order(status=Status.PICKED_UP).order
    asking, deciding = make_giver(role=Role.LOGISTICS), make_giver(role=Role.SUPER_ADMIN)
    amends = aftersales.ask_refund(ask=make_ask(order, amount_cents=100), by=asking)
    with pytest.raises(NeedsAnother):
        aftersales.decline(amends_id=amends.id, by=asking)
    aftersales.decline(amends_id=amends.id, by=deciding)
    aftersales.ask_refund(ask=make_ask(order, amount_cents=100), by=deciding)
    assert _acts(order.store_id) == [
        (asking.actor, "refund.ask", "faulty_drink"),
        (deciding.actor, "refund.decline", "faulty_drink"),
        (deciding.actor, "refund.grant", "faulty_drink"),
    ]
    subject = AuditEntry.objects.filter(action="refund.ask").values_list("subject", flat=True).get()
    assert subject == f"order:{order.id} 100 usd"


@pytest.mark.req("DB-12", "PAY-10")
def test_bulk_refunds_are_in_the_stores_chain() -> None:
    order = make_order(status=Status.PICKED_UP).order
    by = Staff(make_staff(role=Role.SUPER_ADMIN).id, Role.SUPER_ADMIN)
    ask = BatchAsk(
        form_key=uuid7(),
        store_id=order.store_id,
        since=now() - timedelta(hours=1),
        until=now() + timedelta(hours=1),
        cause="machine_outage",
        urgent=False,
    )
    batch = aftersales.plan_batch(ask=ask, by=by)
    aftersales.plan_batch(ask=ask, by=by)
    aftersales.start_batch(batch_id=batch.id, by=by)
    aftersales.stop_batch(batch_id=batch.id, by=by)
    actions = [action for _actor, action, _note in _acts(order.store_id)]
    assert actions == ["batch.plan", "batch.start", "batch.stop"]


@pytest.mark.req("DB-12")
def test_a_robot_that_reports_an_impossible_move_is_in_the_stores_chain() -> None:
    cooler = make_cooler()
    made = make_queued(cooler)
    robot = cooler.robots[0]
    work = claim(robot)
    assert Order.objects.get(id=made.order.id).status == Status.PREPARING
    with transaction():
        ordering.mark_ready(order_id=made.order.id, expires_at=now() + timedelta(minutes=20))
    robot.tell("loaded", work.ticket_id, door_number=work.door_number)
    assert _acts(cooler.store_id) == [(f"robot:{robot.robot_id}", "order.illegal_move", "")]
