"""Drinks made again: free, from stock, once; and the money for them when that fails too."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from codepop.accounts.roles import Role
from codepop.aftersales import services as aftersales
from codepop.aftersales.errors import AlreadyMadeGood, AskInvalid, FormUsed
from codepop.aftersales.models import Amends, Batch, BatchItem, BatchState, State
from codepop.aftersales.services import BatchAsk
from codepop.aftersales.tests.factories import make_ask, make_giver
from codepop.core.db import transaction
from codepop.fulfilment import services as fulfilment
from codepop.fulfilment.models import DoorUse, Ticket
from codepop.fulfilment.selectors import NoWork
from codepop.fulfilment.tests.factories import Cooler, claim, make_cooler, make_queued, make_ready, ticket_of
from codepop.inventory.models import StockLevel
from codepop.inventory.selectors import reservation
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.ordering import selectors as ordering
from codepop.ordering import services as orders
from codepop.ordering.errors import NothingLeft, QuoteRefused, RemakeUnderWay, UnderDispute
from codepop.ordering.machine import Status
from codepop.ordering.models import Order, OrderLine
from codepop.ordering.tests.factories import MadeOrder
from codepop.payments import services as payments
from codepop.payments.models import LedgerTransaction, Payment, Refund, RefundStatus
from codepop.stores.models import Robot
from tests.stripe_side import GOOD_CARD, confirm, deliver, run_jobs, sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


def _served(cooler: Cooler, card: str = GOOD_CARD, *, quantity: int = 1) -> MadeOrder:
    """An order really charged, whose drinks stand behind their door."""
    made, _ = make_ready(cooler, quantity=quantity)
    Payment.objects.filter(reference=made.order.id).delete()
    with transaction():
        payments.open_payment(
            charge=payments.Charge(
                reference=made.order.id,
                store_id=cooler.store_id,
                amount_cents=made.order.total_cents,
                tax_cents=made.order.tax_cents,
                currency="usd",
                description="CodePop order",
                statement_suffix=made.order.code,
            )
        )
    payment = payments.create_intent(reference=made.order.id)
    confirm(payment.intent_id or "", card)
    payments.refresh(payment_id=payment.id)
    return made


def _line(made: MadeOrder) -> OrderLine:
    return OrderLine.objects.get(order=made.order)


@pytest.mark.req("PAY-31", "DOM-09", "C32")
def test_a_faulty_drink_is_made_again_free_of_charge(client: Client) -> None:
    cooler = make_cooler()
    made, by = _served(cooler), make_giver()
    ask = make_ask(made.order, drinks={_line(made).id: 1}, start_now=True)
    amends, again = (aftersales.ask_remake(ask=ask, by=by) for _ in range(2))
    assert (amends.id, amends.state) == (again.id, State.GRANTED)
    remake = Order.objects.get(remake_of=made.order)
    assert (remake.status, remake.total_cents, remake.drinks) == (Status.QUEUED, 0, 1)
    held = reservation(remake.id)
    assert held is not None
    work = claim(cooler.robots[1])
    assert Ticket.objects.get(id=work.ticket_id).order_id == remake.id
    opened = client.get(f"/api/v1/orders/{remake.id}", headers={"X-Order-Token": made.token})
    assert (opened.status_code, opened.json()["remake_of"]) == (200, str(made.order.id))
    assert ordering.get_order(made.order.id)["remakes"] == [str(remake.id)]
    assert LedgerTransaction.objects.count() == 1
    with pytest.raises(AlreadyMadeGood):
        aftersales.ask_refund(ask=make_ask(made.order, drinks={_line(made).id: 1}), by=by)


@pytest.mark.req("PAY-31")
def test_a_remake_that_fails_gives_the_money_back_once() -> None:
    cooler = make_cooler()
    made = _served(cooler)
    aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}, start_now=True), by=make_giver())
    remake = Order.objects.get(remake_of=made.order)
    with transaction():
        orders.fail_order(order_id=remake.id, reason="No robot works.")
    with transaction():
        aftersales.refund_broken_remake(remake_id=remake.id)
    run_jobs()
    refund = Refund.objects.get()
    assert (refund.status, refund.amount_cents) == (RefundStatus.SUCCEEDED, made.order.total_cents)
    assert sorted(Amends.objects.values_list("kind", "state")) == [("refund", "granted"), ("remake", "broken")]


@pytest.mark.req("PAY-31")
def test_a_cancelled_remake_gives_the_money_back_and_its_stock(client: Client) -> None:
    cooler = make_cooler()
    made = _served(cooler)
    before = list(StockLevel.objects.order_by("id").values_list("reserved", flat=True))
    aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}), by=make_giver())
    remake = Order.objects.get(remake_of=made.order)
    assert remake.status == Status.PAID
    orders.cancel_order(order_id=remake.id, actor="customer")
    run_jobs()
    assert Refund.objects.get().amount_cents == made.order.total_cents
    assert list(StockLevel.objects.order_by("id").values_list("reserved", flat=True)) == before


@pytest.mark.req("PAY-31", "D6")
def test_what_a_robot_is_making_is_not_made_again_before_it_is_done() -> None:
    cooler = make_cooler()
    made = make_queued(cooler)
    claim(cooler.robots[0])
    with pytest.raises(AskInvalid) as refused:
        aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}), by=make_giver())
    assert refused.value.fields == {"drinks": "A robot is still making these drinks. Decide when they are done."}
    assert not Order.objects.filter(remake_of=made.order).exists()


@pytest.mark.req("PAY-31")
def test_without_stock_nothing_is_promised() -> None:
    cooler = make_cooler()
    made = _served(cooler)
    StockLevel.objects.filter(reserved=0).update(on_hand=0)
    with pytest.raises(QuoteRefused):
        aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}), by=make_giver(role=Role.ADMIN))
    assert not Amends.objects.exists()
    assert not Order.objects.filter(remake_of__isnull=False).exists()


@pytest.mark.req("PAY-31")
def test_what_was_paid_back_is_not_made_again_as_well(settings: Any) -> None:
    cooler = make_cooler()
    made, by = _served(cooler), make_giver()
    drinks = {_line(made).id: 1}
    usual, settings.REFUND_LIMITS = settings.REFUND_LIMITS, {}
    waiting = aftersales.ask_remake(ask=make_ask(made.order, drinks=drinks), by=by)
    settings.REFUND_LIMITS = usual
    aftersales.ask_refund(ask=make_ask(made.order), by=by)
    for _ in range(2):
        with pytest.raises(NothingLeft):
            aftersales.approve(amends_id=waiting.id, by=make_giver(role=Role.SUPER_ADMIN))
        run_jobs()
    aftersales.decline(amends_id=waiting.id, by=make_giver(role=Role.SUPER_ADMIN))
    with pytest.raises(NothingLeft):
        aftersales.ask_remake(ask=make_ask(made.order, drinks=drinks), by=by)
    assert Amends.objects.count() == 2
    assert not Order.objects.filter(remake_of__isnull=False).exists()


@pytest.mark.req("PAY-31")
def test_a_second_persons_yes_to_a_remake_looks_at_the_money_anew(settings: Any) -> None:
    made, by = _served(make_cooler(), quantity=3), make_giver()
    line, total = _line(made).id, made.order.total_cents
    usual, settings.REFUND_LIMITS = settings.REFUND_LIMITS, {}
    waiting = aftersales.ask_remake(ask=make_ask(made.order, drinks={line: 1}), by=by)
    settings.REFUND_LIMITS = usual
    again = aftersales.ask_remake(ask=make_ask(made.order, drinks={line: 1}), by=by)
    aftersales.ask_refund(ask=make_ask(made.order, amount_cents=total - again.amount_cents), by=by)
    with pytest.raises(NothingLeft):
        aftersales.approve(amends_id=waiting.id, by=make_giver(role=Role.SUPER_ADMIN))
    assert Order.objects.filter(remake_of__isnull=False).count() == 1


@pytest.mark.req("PAY-31")
def test_money_that_waits_for_a_second_person_is_not_left_for_a_remake(settings: Any) -> None:
    cooler = make_cooler()
    made, by = _served(cooler), make_giver()
    settings.REFUND_LIMITS = {}
    aftersales.ask_refund(ask=make_ask(made.order, amount_cents=made.order.total_cents), by=by)
    with pytest.raises(NothingLeft):
        aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}), by=by)


@pytest.mark.req("PAY-31", "PAY-27")
def test_what_a_bank_holds_in_a_dispute_is_not_made_again(client: Client) -> None:
    cooler = make_cooler()
    made = _served(cooler, "pm_card_createDispute")
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    deliver(client, Payment.objects.get(reference=made.order.id).intent_id or "")
    run_jobs()
    with pytest.raises(UnderDispute):
        aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}), by=make_giver())
    assert not Amends.objects.exists()


def _queued_again(cooler: Cooler, *, quantity: int = 1) -> tuple[MadeOrder, Order]:
    """An order whose first drink waits in the queue to be made again."""
    made = _served(cooler, quantity=quantity)
    aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}, start_now=True), by=make_giver())
    return made, Order.objects.get(remake_of=made.order)


def _given_back() -> list[int]:
    run_jobs()
    return list(Refund.objects.order_by("id").values_list("amount_cents", flat=True))


@pytest.mark.req("PAY-31", "PAY-08")
def test_who_gets_all_their_money_back_gets_no_free_drinks_besides() -> None:
    cooler = make_cooler()
    made, remake = _queued_again(cooler)
    amends = aftersales.ask_refund(ask=make_ask(made.order), by=make_giver())
    assert _given_back() == [amends.amount_cents] == [made.order.total_cents]
    assert (Order.objects.get(id=remake.id).status, ticket_of(remake.id).status) == ("cancelled", "cancelled")
    assert fulfilment.claim_work(device=cooler.robots[1].view) == NoWork.QUEUE_EMPTY
    held = reservation(remake.id)
    assert held is not None
    assert held.status == "released"
    assert sorted(Amends.objects.values_list("kind", "state")) == [("refund", "granted"), ("remake", "broken")]


@pytest.mark.req("PAY-31")
def test_a_second_persons_yes_to_the_whole_withdraws_the_remake(settings: Any) -> None:
    made, remake = _queued_again(make_cooler())
    usual, settings.REFUND_LIMITS = settings.REFUND_LIMITS, {}
    waiting = aftersales.ask_refund(ask=make_ask(made.order), by=make_giver())
    settings.REFUND_LIMITS = usual
    assert Order.objects.get(id=remake.id).status == Status.QUEUED
    aftersales.approve(amends_id=waiting.id, by=make_giver(role=Role.SUPER_ADMIN))
    assert Order.objects.get(id=remake.id).status == Status.CANCELLED
    assert _given_back() == [made.order.total_cents]


@pytest.mark.req("PAY-31")
def test_the_whole_waits_until_a_robot_is_done_with_the_remake() -> None:
    cooler, by = make_cooler(), make_giver()
    made, remake = _queued_again(cooler)
    work = claim(cooler.robots[1])
    with pytest.raises(RemakeUnderWay, match=remake.code):
        aftersales.ask_refund(ask=make_ask(made.order), by=by)
    assert _given_back() == []
    assert list(Amends.objects.values_list("kind", "state")) == [("remake", "granted")]
    cooler.robots[1].tell("loaded", work.ticket_id, door_number=work.door_number)
    aftersales.ask_refund(ask=make_ask(made.order), by=by)
    assert _given_back() == [made.order.total_cents]


@pytest.mark.req("PAY-31", "PAY-23")
def test_an_amount_leaves_the_price_of_what_is_being_made_again() -> None:
    made, remake = _queued_again(make_cooler(), quantity=2)
    by, total = make_giver(), made.order.total_cents
    value = Amends.objects.get().amount_cents
    with pytest.raises(RemakeUnderWay, match=remake.code):
        aftersales.ask_refund(ask=make_ask(made.order, amount_cents=total - value + 2), by=by)
    aftersales.ask_refund(ask=make_ask(made.order, amount_cents=total - value), by=by)
    with pytest.raises(NothingLeft):
        aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}), by=by)
    orders.cancel_order(order_id=remake.id, actor="customer")
    assert _given_back() == [total - value, value]


@pytest.mark.req("PAY-31", "PAY-23")
def test_the_other_drinks_of_an_order_go_back_to_the_cent_beside_a_remake() -> None:
    made, _ = _queued_again(make_cooler(), quantity=3)
    line, by = _line(made).id, make_giver()
    for _ in range(2):
        aftersales.ask_refund(ask=make_ask(made.order, drinks={line: 1}), by=by)
    value = Amends.objects.get(kind="remake").amount_cents
    assert abs(sum(_given_back()) - (made.order.total_cents - value)) <= 1


@pytest.mark.req("PAY-31", "PAY-20", "C31")
def test_a_bulk_refund_withdraws_the_remake() -> None:
    cooler = make_cooler()
    made, remake = _queued_again(cooler)
    _started_batch(cooler)
    assert aftersales.run_batches() == 1
    assert BatchItem.objects.get().outcome == "given"
    assert Order.objects.get(id=remake.id).status == Status.CANCELLED
    assert _given_back() == [made.order.total_cents]


@pytest.mark.req("PAY-31", "PAY-20", "C31")
def test_a_bulk_refund_waits_for_the_robot_that_makes_the_drinks_again() -> None:
    cooler = make_cooler()
    made, _ = _queued_again(cooler)
    work = claim(cooler.robots[1])
    batch = _started_batch(cooler)
    assert aftersales.run_batches() == 0
    assert (_given_back(), BatchItem.objects.get().outcome) == ([], "")
    cooler.robots[1].tell("loaded", work.ticket_id, door_number=work.door_number)
    assert aftersales.run_batches() == 1
    assert (_given_back(), BatchItem.objects.get().outcome) == ([made.order.total_cents], "given")
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE


def _started_batch(cooler: Cooler) -> Batch:
    by, hour = make_giver(role=Role.SUPER_ADMIN), timedelta(hours=1)
    span = {"since": now() - hour, "until": now() + hour}
    ask = BatchAsk(form_key=uuid7(), store_id=cooler.store_id, cause="machine_outage", urgent=True, **span)
    return aftersales.start_batch(batch_id=aftersales.plan_batch(ask=ask, by=by).id, by=by)


@pytest.mark.req("PAY-31", "PAY-08")
def test_the_whole_and_a_cancel_of_the_remake_at_once_give_all_back_once() -> None:
    made, remake = _queued_again(make_cooler())
    ask, by, start = make_ask(made.order), make_giver(), Barrier(2)

    def at_once(cancels: bool) -> str:
        try:
            start.wait()
            if cancels:
                orders.cancel_order(order_id=remake.id, actor="customer")
            else:
                aftersales.ask_refund(ask=ask, by=by)
        except NothingLeft as refusal:  # the remake's end gave it all back, a moment earlier
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(at_once, [True, False]))
    assert ends[0] == "done"
    assert Order.objects.get(id=remake.id).status == Status.CANCELLED
    assert _given_back() == [made.order.total_cents]


def _disputed(client: Client, cooler: Cooler) -> Order:
    """A remake in the queue whose first order's money a bank took back."""
    made = _served(cooler, "pm_card_createDispute")
    aftersales.ask_remake(ask=make_ask(made.order, drinks={_line(made).id: 1}, start_now=True), by=make_giver())
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    deliver(client, Payment.objects.get(reference=made.order.id).intent_id or "")
    run_jobs()
    return Order.objects.get(remake_of=made.order)


def _waits_for_the_bank(remake: Order) -> bool:
    """Say whether the price of the remake's drinks is asked back, and held as long as the dispute is open."""
    run_jobs()
    first = Order.objects.get(remakes=remake)
    refund = Refund.objects.get(payment__reference=first.id)
    return (refund.status, refund.wanted_cents) == (RefundStatus.REQUESTED, first.total_cents)


@pytest.mark.req("PAY-31", "D6")
def test_a_silent_robot_with_a_disputed_remake_fails_it_and_keeps_up_nobody_else(client: Client) -> None:
    cooler = make_cooler()
    remake = _disputed(client, cooler)
    other = make_cooler(menu=cooler.shop.menu, robots=1)
    mine = make_queued(other)
    with frozen(now()) as time:
        claim(cooler.robots[1])
        Robot.objects.filter(id=cooler.robots[0].robot_id).update(status="out_of_order")
        claim(other.robots[0])
        time.advance(seconds=31)
        assert fulfilment.fail_silent_robots() == 0
        time.advance(seconds=11)
        assert fulfilment.fail_silent_robots() == 2
    failed = Order.objects.filter(status=Status.FAILED).values_list("id", flat=True)
    assert set(failed) == {remake.id, mine.order.id}
    assert _waits_for_the_bank(remake)


@pytest.mark.req("PAY-31", "D6")
def test_a_robot_that_can_not_make_a_disputed_remake_ends_it(client: Client) -> None:
    cooler = make_cooler()
    remake = _disputed(client, cooler)
    robot = cooler.robots[1]
    work = claim(robot)
    Robot.objects.filter(id=cooler.robots[0].robot_id).update(status="out_of_order")
    robot.tell("failed", work.ticket_id, reason="jam")
    assert (Order.objects.get(id=remake.id).status, ticket_of(remake.id).status) == ("failed", "failed")
    assert DoorUse.objects.get(ticket_id=work.ticket_id).state == "closed"
    assert Robot.objects.get(id=robot.robot_id).status == "out_of_order"
    assert _waits_for_the_bank(remake)


@pytest.mark.req("PAY-31", "D6")
def test_a_disputed_remake_that_no_robot_can_make_ends(client: Client) -> None:
    cooler = make_cooler()
    remake = _disputed(client, cooler)
    Robot.objects.update(status="out_of_order")
    with frozen(now() + timedelta(minutes=16)):
        assert fulfilment.refund_stranded_orders() == 1
    assert (Order.objects.get(id=remake.id).status, ticket_of(remake.id).status) == ("failed", "failed")
    assert _waits_for_the_bank(remake)


@pytest.mark.req("PAY-31", "DOM-09")
def test_a_disputed_remake_can_be_cancelled_and_its_money_waits_for_the_bank(client: Client) -> None:
    remake = _disputed(client, make_cooler())
    orders.cancel_order(order_id=remake.id, actor="customer")
    assert Order.objects.get(id=remake.id).status == Status.CANCELLED
    assert _waits_for_the_bank(remake)


@pytest.mark.req("PAY-31")
def test_the_key_of_a_refund_is_no_key_of_a_remake() -> None:
    cooler = make_cooler()
    made, by = _served(cooler), make_giver()
    line, key = _line(made).id, uuid7()
    aftersales.ask_refund(ask=make_ask(made.order, amount_cents=1, form_key=key), by=by)
    with pytest.raises(FormUsed):
        aftersales.ask_remake(ask=make_ask(made.order, drinks={line: 1}, form_key=key), by=by)
    given = aftersales.ask_remake(ask=make_ask(made.order, drinks={line: 1}), by=by)
    with pytest.raises(FormUsed):
        aftersales.ask_remake(
            ask=make_ask(made.order, drinks={line: 1}, form_key=given.form_key, start_now=True), by=by
        )
