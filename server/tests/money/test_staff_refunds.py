"""Refunds by staff: whole, partial to the cent, within limits or by two people, once however many ask."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from codepop.accounts.roles import Role
from codepop.aftersales import services as aftersales
from codepop.aftersales.errors import AlreadyDecided, AlreadyMadeGood, AskInvalid, FormUsed, NeedsAnother
from codepop.aftersales.models import Amends, Kind, State
from codepop.aftersales.tests.factories import make_ask, make_giver
from codepop.core.errors import AppError, NotFound
from codepop.core.models import InboxMessage
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.ordering import selectors as ordering
from codepop.ordering import services as orders
from codepop.ordering.errors import NothingLeft, NotPaid
from codepop.ordering.machine import Status
from codepop.ordering.models import Order, OrderLine
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import services as payments
from codepop.payments.models import Account, LedgerEntry, LedgerTransaction, Payment, Refund, RefundStatus
from codepop.stores.tests.factories import make_store
from tests.stripe_side import GOOD_CARD, confirm, deliver, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


def _charged(*, quantity: int = 3, shop: Shop | None = None, card: str = GOOD_CARD) -> Order:
    """Three drinks, really charged at Stripe, and picked up."""
    order = make_order(shop=shop, quantity=quantity).order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "", card)
    payments.refresh(payment_id=payment.id)
    for status in (Status.QUEUED, Status.PREPARING, Status.READY, Status.PICKED_UP):
        fields: dict[str, Any] = {"door_number": 1, "code_nonce": 1} if status == Status.PREPARING else {}
        Order.objects.filter(id=order.id).update(status=status.value, **fields)
    order.refresh_from_db()
    return order


def _refunded_at_stripe(order: Order) -> int:
    intent_id = Payment.objects.get(reference=order.id).intent_id or ""
    return sum(one.amount for one in sdk().v1.refunds.list({"payment_intent": intent_id}).data)


def _booked(order: Order) -> dict[str, int]:
    """The refunds of an order in the books, by account."""
    booked = LedgerTransaction.objects.filter(payment__reference=order.id, kind="refund")
    rows = LedgerEntry.objects.filter(transaction__in=booked).values_list("account", "amount_cents")
    sums: Counter[str] = Counter()
    for account, cents in rows:
        sums[account] += cents
    return dict(sums)


def _line(order: Order) -> OrderLine:
    return OrderLine.objects.get(order=order)


# --- amounts ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("PAY-31", "PAY-23")
def test_one_of_three_drinks_goes_back_with_its_share_of_the_tax_to_the_cent() -> None:
    order, by = _charged(), make_giver(role=Role.SUPER_ADMIN)
    line = _line(order)
    seen = []
    for drinks in (1, 2, 3):
        amends = aftersales.ask_refund(ask=make_ask(order, drinks={line.id: 1}), by=by)
        assert amends.state == State.GRANTED
        run_jobs()
        tax = (2 * drinks * line.unit_price_cents * order.tax_cents + order.subtotal_cents) // (
            2 * order.subtotal_cents
        )
        assert _booked(order) == {
            Account.STRIPE_RECEIVABLE: -(drinks * line.unit_price_cents + tax),
            Account.REFUNDS: drinks * line.unit_price_cents,
            Account.TAX_PAYABLE: tax,
        }
        seen.append(amends.amount_cents)
    assert sum(seen) == order.total_cents == _refunded_at_stripe(order)
    with pytest.raises(AlreadyMadeGood):
        aftersales.ask_refund(ask=make_ask(order, drinks={line.id: 1}), by=by)
    with pytest.raises(NothingLeft):
        aftersales.ask_refund(ask=make_ask(order, amount_cents=1), by=by)
    assert Amends.objects.count() == 3


@pytest.mark.req("PAY-31")
def test_the_whole_takes_what_parts_left_over() -> None:
    order, by = _charged(), make_giver()
    aftersales.ask_refund(ask=make_ask(order, amount_cents=123), by=by)
    whole = aftersales.ask_refund(ask=make_ask(order), by=by)
    run_jobs()
    assert whole.amount_cents == order.total_cents - 123
    assert _refunded_at_stripe(order) == order.total_cents
    assert _booked(order)[Account.TAX_PAYABLE] == order.tax_cents


@pytest.mark.req("PAY-31")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount_cents": 0}, "amount"),
        ({"drinks": {}}, "drinks"),
        ({"drinks": {uuid7(): 1}}, "drinks"),
        ({"whole": True, "amount_cents": 5}, "what"),
        ({"cause": "because"}, "cause"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_by_field(wrong: dict[str, Any], field: str) -> None:
    order = _charged()
    with pytest.raises(AskInvalid) as refused:
        aftersales.ask_refund(ask=make_ask(order, **wrong), by=make_giver())
    assert list(refused.value.fields) == [field]
    assert not Amends.objects.exists()
    assert not Refund.objects.exists()


@pytest.mark.req("PAY-30")
def test_before_a_robot_starts_a_refund_is_the_cancellation_of_the_order() -> None:
    order = make_order(quantity=2).order
    payment = payments.create_intent(reference=order.id)
    with pytest.raises(NotPaid):
        aftersales.ask_refund(ask=make_ask(order), by=make_giver())
    confirm(payment.intent_id or "")
    payments.refresh(payment_id=payment.id)
    with pytest.raises(AskInvalid):
        aftersales.ask_refund(ask=make_ask(order, amount_cents=5), by=make_giver())
    aftersales.ask_refund(ask=make_ask(order), by=make_giver())
    run_jobs()
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert _refunded_at_stripe(order) == order.total_cents
    assert Refund.objects.get().reason_key == "cancelled"


def test_an_order_of_another_store_looks_absent() -> None:
    order = _charged()
    ask = make_ask(order, store_id=make_store().id)
    with pytest.raises(NotFound):
        aftersales.ask_refund(ask=ask, by=make_giver())


# --- once -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("PAY-30")
def test_a_second_click_finds_the_first_ones_row() -> None:
    order, by = _charged(), make_giver()
    ask = make_ask(order, drinks={_line(order).id: 1})
    first, second = (aftersales.ask_refund(ask=ask, by=by) for _ in range(2))
    run_jobs()
    assert first.id == second.id
    assert _refunded_at_stripe(order) == first.amount_cents


def _at_once(*commands: Any) -> list[str]:
    """Run commands on connections of their own, begun together; returns their ends."""
    barrier = Barrier(len(commands))

    def run(command: Any) -> str:
        try:
            barrier.wait(timeout=20)
            command()
        except AppError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(commands)) as pool:
        return sorted(pool.map(run, commands))


@pytest.mark.req("PAY-30")
def test_two_of_the_staff_at_once_give_back_one_time() -> None:
    order = _charged()
    line = _line(order)
    people = [make_giver() for _ in range(3)]
    ends = _at_once(
        *[lambda by=by: aftersales.ask_refund(ask=make_ask(order, drinks={line.id: 3}), by=by) for by in people]
    )
    run_jobs()
    assert ends == ["already_made_good", "already_made_good", "done"]
    assert _refunded_at_stripe(order) == order.total_cents


@pytest.mark.req("PAY-30", "PAY-08")
def test_staff_and_customer_at_once_give_back_one_time() -> None:
    order = make_order().order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    payments.refresh(payment_id=payment.id)
    by = make_giver()
    ends = _at_once(
        lambda: aftersales.ask_refund(ask=make_ask(order), by=by),
        lambda: orders.cancel_order(order_id=order.id, actor="customer"),
    )
    run_jobs()
    assert ends in (["done", "done"], ["done", "not_paid"])
    assert Refund.objects.filter(status=RefundStatus.SUCCEEDED).count() == 1
    assert _refunded_at_stripe(order) == order.total_cents


# --- limits and the second person -------------------------------------------------------------------------------------


@pytest.mark.req("PAY-31")
def test_above_the_limit_a_second_person_decides(settings: Any) -> None:
    settings.REFUND_LIMITS = {"manager": (500, 2_000), "admin": (5_000, 9_000)}
    order, asker = _charged(), make_giver()
    amends = aftersales.ask_refund(ask=make_ask(order), by=asker)
    assert (amends.state, Refund.objects.count()) == (State.WAITING, 0)
    with pytest.raises(AlreadyMadeGood):
        aftersales.ask_refund(ask=make_ask(order), by=asker)
    for refuses in (asker, make_giver()):
        with pytest.raises(NeedsAnother):
            aftersales.approve(amends_id=amends.id, by=refuses)
    assert Refund.objects.count() == 0
    admin = make_giver(role=Role.ADMIN)
    aftersales.approve(amends_id=amends.id, by=admin)
    with pytest.raises(AlreadyDecided):
        aftersales.approve(amends_id=amends.id, by=make_giver(role=Role.SUPER_ADMIN))
    run_jobs()
    amends.refresh_from_db()
    assert (amends.state, amends.asked_by_id, amends.decided_by_id) == (State.GRANTED, asker.user_id, admin.user_id)
    assert _refunded_at_stripe(order) == order.total_cents


@pytest.mark.req("PAY-31")
def test_the_days_limit_is_one_for_what_somebody_gives_and_what_they_approve(settings: Any) -> None:
    shop = make_shop()
    first, second, third = (_charged(shop=shop, quantity=1) for _ in range(3))
    price = first.total_cents
    settings.REFUND_LIMITS = {"manager": (0, 0), "admin": (price, 2 * price)}
    admin, manager = make_giver(role=Role.ADMIN), make_giver()
    aftersales.ask_refund(ask=make_ask(first), by=admin)
    asked = [aftersales.ask_refund(ask=make_ask(order), by=manager) for order in (second, third)]
    aftersales.approve(amends_id=asked[0].id, by=admin)
    with pytest.raises(NeedsAnother):
        aftersales.approve(amends_id=asked[1].id, by=admin)
    fourth = aftersales.ask_refund(ask=make_ask(_charged(shop=shop, quantity=1)), by=admin)
    assert fourth.state == State.WAITING
    with frozen(now() + timedelta(hours=25)):
        assert aftersales.approve(amends_id=asked[1].id, by=admin).state == State.GRANTED


@pytest.mark.req("PAY-31")
def test_what_was_declined_may_be_asked_anew(settings: Any) -> None:
    settings.REFUND_LIMITS = {}
    order, asker, admin = _charged(), make_giver(), make_giver(role=Role.SUPER_ADMIN)
    line = _line(order)
    waiting = aftersales.ask_refund(ask=make_ask(order, drinks={line.id: 2}), by=asker)
    with pytest.raises(AlreadyMadeGood):
        aftersales.ask_refund(ask=make_ask(order, drinks={line.id: 2}), by=admin)
    aftersales.decline(amends_id=waiting.id, by=admin)
    run_jobs()
    assert _refunded_at_stripe(order) == 0
    again = aftersales.ask_refund(ask=make_ask(order, drinks={line.id: 3}), by=admin)
    run_jobs()
    assert again.amount_cents == order.total_cents == _refunded_at_stripe(order)


@pytest.mark.req("PAY-31")
def test_the_days_limit_counts_24_hours_back_and_two_forms_at_once(settings: Any) -> None:
    shop = make_shop()
    orders_ = [_charged(shop=shop, quantity=1) for _ in range(3)]
    price = orders_[0].total_cents
    settings.REFUND_LIMITS = {"manager": (price, 2 * price)}
    by = make_giver()
    ends = _at_once(*[lambda order=order: aftersales.ask_refund(ask=make_ask(order), by=by) for order in orders_])
    assert ends == ["done"] * 3
    assert Counter(Amends.objects.values_list("state", flat=True)) == {State.GRANTED: 2, State.WAITING: 1}
    with frozen(now() + timedelta(hours=25)):
        late = aftersales.ask_refund(ask=make_ask(_charged(shop=shop, quantity=1)), by=by)
    assert late.state == State.GRANTED


def test_words_of_the_note_are_stored_as_ciphertext_and_stay_out_of_logs(capsys: pytest.CaptureFixture[str]) -> None:
    order = _charged()
    aftersales.ask_refund(ask=make_ask(order, note="Ann from next door slipped"), by=make_giver())
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT note, (SELECT string_agg(args::text, '') FROM procrastinate_jobs) FROM aftersales_amends"
        )
        note, arguments = cursor.fetchone()
    assert "Ann" not in note + (arguments or "") + capsys.readouterr().out
    assert Amends.objects.get().note == "Ann from next door slipped"


@pytest.mark.req("PAY-31", "PAY-12")
def test_a_failed_refund_of_a_cancelled_order_is_paid_again_by_staff(client: Client) -> None:
    order, by = make_order(quantity=2).order, make_giver(role=Role.SUPER_ADMIN)
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "", "pm_card_refundFail")
    payments.refresh(payment_id=payment.id)
    orders.cancel_order(order_id=order.id, actor="customer")
    run_jobs()
    with pytest.raises(NotPaid):
        aftersales.ask_refund(ask=make_ask(order), by=by)
    sandbox("/_sandbox/clock", {"advance_seconds": 7 * 86400})
    deliver(client, payment.intent_id or "")
    run_jobs()
    assert Refund.objects.get().status == RefundStatus.FAILED
    with pytest.raises(AskInvalid):
        aftersales.ask_remake(ask=make_ask(order, drinks={_line(order).id: 1}), by=by)
    amends = aftersales.ask_refund(ask=make_ask(order), by=by)
    run_jobs()
    first, second = Refund.objects.order_by("id")
    assert (first.reason_key, second.reason_key) == ("cancelled", f"faulty_drink:{amends.id}")
    assert second.amount_cents == order.total_cents
    assert second.provider_refund_id not in (None, first.provider_refund_id)
    assert _refunded_at_stripe(order) == 2 * order.total_cents
    with pytest.raises(NotPaid):
        aftersales.ask_refund(ask=make_ask(order, amount_cents=1), by=by)


@pytest.mark.req("PAY-31")
@pytest.mark.parametrize(
    "changed", [{"amount_cents": 200}, {"cause": "goodwill"}, {"note": "other"}, {"drinks": 1}, {}]
)
def test_a_used_form_with_another_content_is_refused(changed: dict[str, Any]) -> None:
    shop, by = make_shop(), make_giver()
    order = _charged(shop=shop)
    first = make_ask(order, amount_cents=100)
    given = aftersales.ask_refund(ask=first, by=by)
    assert aftersales.ask_refund(ask=first, by=by).id == given.id
    other = replace(first, **changed)
    if not changed:
        another = _charged(shop=shop)
        other = replace(first, order_id=another.id, store_id=another.store_id)
    elif "drinks" in changed:
        other = replace(first, amount_cents=None, drinks={_line(order).id: 1})
    with pytest.raises(FormUsed):
        aftersales.ask_refund(ask=other, by=by)
    assert Amends.objects.count() == 1


@pytest.mark.req("PAY-31", "PAY-12")
def test_the_whole_is_what_was_left_when_it_was_asked_for(client: Client) -> None:
    """A part comes back before it is carried out: nobody's limit was held against that part."""
    order, by = _charged(card="pm_card_refundFail"), make_giver()
    intent_id = Payment.objects.get(reference=order.id).intent_id or ""
    aftersales.ask_refund(ask=make_ask(order, amount_cents=123), by=by)
    run_jobs()
    part = Refund.objects.get()
    whole = aftersales.ask_refund(ask=make_ask(order), by=by)
    sandbox("/_sandbox/clock", {"advance_seconds": 7 * 86400})
    deliver(client, intent_id)
    for message in InboxMessage.objects.order_by("id"):
        payments.take_message(message_id=message.id)
    part.refresh_from_db()
    assert (part.status, whole.amount_cents) == (RefundStatus.FAILED, order.total_cents - 123)
    run_jobs()
    assert Refund.objects.exclude(id=part.id).get().amount_cents == whole.amount_cents


# --- the provider -----------------------------------------------------------------------------------------------------


@pytest.mark.req("PAY-30")
def test_a_refund_waits_for_stripe_and_is_given_once() -> None:
    order = _charged()
    sandbox("/_sandbox/faults", {"kind": "fail_after", "endpoints": ["POST /v1/refunds"], "remaining": 1})
    amends = aftersales.ask_refund(ask=make_ask(order, amount_cents=200), by=make_giver())
    refund = Refund.objects.get()
    with pytest.raises(Exception, match="stripe"):
        payments.run_refund(payment_id=refund.payment_id, reason=refund.reason_key)
    shown = ordering.get_order(order.id)["refunds"]
    assert [(one["status"], one["amount_cents"], one["reason"]) for one in shown] == [("pending", 200, "faulty_drink")]
    run_jobs()
    assert _refunded_at_stripe(order) == amends.amount_cents == 200


@pytest.mark.req("PAY-30", "PAY-31")
def test_a_customer_sees_all_refunds_of_an_order() -> None:
    order, by = _charged(), make_giver()
    aftersales.ask_refund(ask=make_ask(order, amount_cents=100), by=by)
    aftersales.ask_refund(ask=make_ask(order, amount_cents=50, cause="goodwill"), by=by)
    run_jobs()
    shown = ordering.get_order(order.id)
    assert [one["amount_cents"] for one in shown["refunds"]] == [100, 50]
    assert (shown["refunded_cents"], shown["refund"]) == (150, shown["refunds"][-1])
    assert Amends.objects.filter(kind=Kind.REFUND).count() == 2
