"""Refunds of many orders: in the night or at once, each order once, whoever else gives money back meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from codepop.accounts.roles import Role
from codepop.aftersales import selectors
from codepop.aftersales import services as aftersales
from codepop.aftersales.errors import AskInvalid, FormUsed, NeedsAnother
from codepop.aftersales.models import Batch, BatchItem
from codepop.aftersales.services import BatchAsk, batches
from codepop.aftersales.tests.factories import make_giver
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.ordering import services as orders
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import services as payments
from codepop.payments.models import Refund, RefundStatus
from codepop.stores.tests.factories import make_store
from tests.stripe_side import confirm, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


def _charged(shop: Shop) -> Order:
    order = make_order(shop=shop).order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    payments.refresh(payment_id=payment.id)
    return order


def _ask(shop: Shop, *, urgent: bool, **given: Any) -> BatchAsk:
    hour = timedelta(hours=1)
    wanted = {"form_key": uuid7(), "since": now() - hour, "until": now() + hour, "cause": "machine_outage"} | given
    return BatchAsk(store_id=shop.store.id, urgent=urgent, **wanted)


def _at(shop: Shop, hour: int) -> datetime:
    local = now().astimezone(ZoneInfo(shop.store.timezone)) + timedelta(days=1)
    return local.replace(hour=hour, minute=30)


@pytest.mark.req("PAY-20", "C31")
def test_a_batch_waits_for_the_night_and_gives_each_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, by = make_shop(), make_giver(role=Role.SUPER_ADMIN)
    sold = [_charged(shop) for _ in range(4)]
    make_order(shop=shop)
    ask = _ask(shop, urgent=False)
    batch, again = (aftersales.plan_batch(ask=ask, by=by) for _ in range(2))
    assert (batch.id, BatchItem.objects.count()) == (again.id, 4)
    assert batch.total_cents == sum(order.total_cents for order in sold)
    orders.cancel_order(order_id=sold[0].id, actor="customer")
    with frozen(_at(shop, 2)):
        assert aftersales.run_batches() == 0
    aftersales.start_batch(batch_id=batch.id, by=by)
    with frozen(_at(shop, 14)):
        assert aftersales.run_batches() == 0
    monkeypatch.setattr(batches, "A_MINUTE", 3)
    with frozen(_at(shop, 2)):
        assert [aftersales.run_batches() for _ in range(3)] == [3, 1, 0]
    run_jobs()
    view = selectors.find_batch(batch.id)
    assert view is not None
    assert (view.state, view.given, view.refused, view.percent) == ("done", 3, 1, 100)
    assert selectors.batch_refusals(batch.id) == [(sold[0].id, "not_paid")]
    assert Refund.objects.filter(status=RefundStatus.SUCCEEDED).count() == 4
    assert set(Order.objects.filter(id__in=[one.id for one in sold]).values_list("status")) == {(Status.CANCELLED,)}


@pytest.mark.req("PAY-20")
def test_an_urgent_batch_goes_at_once_and_can_be_stopped_and_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, by = make_shop(), make_giver(role=Role.SUPER_ADMIN)
    for _ in range(3):
        _charged(shop)
    batch = aftersales.plan_batch(ask=_ask(shop, urgent=True), by=by)
    aftersales.start_batch(batch_id=batch.id, by=by)
    monkeypatch.setattr(batches, "A_MINUTE", 1)
    with frozen(_at(shop, 14)):
        assert aftersales.run_batches() == 1
        aftersales.stop_batch(batch_id=batch.id, by=by)
        assert aftersales.run_batches() == 0
        aftersales.start_batch(batch_id=batch.id, by=by)
        assert [aftersales.run_batches() for _ in range(3)] == [1, 1, 0]
    assert Batch.objects.get().state == "done"
    run_jobs()
    assert Refund.objects.count() == 3


@pytest.mark.req("PAY-20", "PAY-31")
def test_a_batch_above_somebodys_limit_is_started_by_another() -> None:
    shop = make_shop()
    _charged(shop)
    asker = make_giver()
    batch = aftersales.plan_batch(ask=_ask(shop, urgent=True), by=asker)
    Batch.objects.filter(id=batch.id).update(total_cents=10_000)
    with pytest.raises(NeedsAnother):
        aftersales.start_batch(batch_id=batch.id, by=asker)
    assert aftersales.start_batch(batch_id=batch.id, by=make_giver(role=Role.ADMIN)).state == "running"


@pytest.mark.req("PAY-20", "PAY-30")
def test_two_clicks_at_the_same_moment_plan_one_batch() -> None:
    shop, by = make_shop(), make_giver()
    _charged(shop)
    ask, start = _ask(shop, urgent=True), Barrier(4)

    def plan(_: int) -> UUID:
        try:
            connection.ensure_connection()
            start.wait(30)
            return aftersales.plan_batch(ask=ask, by=by).id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(plan, range(4))) == {Batch.objects.get().id}
    assert BatchItem.objects.count() == 1


@pytest.mark.req("PAY-20")
@pytest.mark.parametrize("changed", ["since", "until", "cause", "urgent", "store_id"])
def test_a_used_form_with_another_content_plans_nothing(changed: str) -> None:
    shop, by = make_shop(), make_giver()
    _charged(shop)
    ask = _ask(shop, urgent=True)
    aftersales.plan_batch(ask=ask, by=by)
    other: Any = {
        "since": ask.since + timedelta(minutes=1),
        "until": ask.until + timedelta(minutes=1),
        "cause": "goodwill",
        "urgent": False,
        "store_id": make_store().id,
    }
    with pytest.raises(FormUsed):
        aftersales.plan_batch(ask=replace(ask, **{changed: other[changed]}), by=by)
    assert Batch.objects.get().cause == "machine_outage"


@pytest.mark.req("PAY-20", "PAY-31")
def test_a_stopped_batch_that_goes_on_counts_once_against_the_day(settings: Any) -> None:
    shop, by = make_shop(), make_giver()
    _charged(shop)
    batch = aftersales.plan_batch(ask=_ask(shop, urgent=True), by=by)
    settings.REFUND_LIMITS = {"manager": (batch.total_cents, batch.total_cents)}
    aftersales.start_batch(batch_id=batch.id, by=by)
    aftersales.stop_batch(batch_id=batch.id, by=by)
    assert aftersales.start_batch(batch_id=batch.id, by=by).state == "running"
    assert selectors.given_lately(by.user_id) == batch.total_cents
    second = aftersales.plan_batch(ask=_ask(shop, urgent=True), by=by)
    with pytest.raises(NeedsAnother):
        aftersales.start_batch(batch_id=second.id, by=by)


@pytest.mark.req("PAY-20")
def test_a_batch_of_nothing_is_not_planned() -> None:
    shop = make_shop()
    make_order(shop=shop)
    for wrong in ({}, {"cause": "because"}, {"until": now() - timedelta(hours=2)}):
        with pytest.raises(AskInvalid):
            aftersales.plan_batch(ask=_ask(shop, urgent=True, **wrong), by=make_giver())
    assert not Batch.objects.exists()
