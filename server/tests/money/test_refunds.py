"""Money back: once for each reason, never above the charge, settled only by the provider's word."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError
from django.test import Client

from codepop.core.db import transaction
from codepop.core.models import InboxMessage
from codepop.gateways.payments import Unavailable, Unknown
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import frozen, now
from codepop.ordering import selectors as ordering
from codepop.ordering import services as orders
from codepop.ordering.tests.factories import make_order
from codepop.ordering.texts import money_text
from codepop.payments import selectors, services
from codepop.payments.models import Account, LedgerEntry, Payment, Refund, RefundStatus
from codepop.payments.selectors import open_breaks
from codepop.payments.services.refunds import apply_listed
from tests.stripe_side import confirm, deliver, events_of, post_event, run_jobs, sandbox, sdk

if TYPE_CHECKING:
    from codepop.ordering.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


def _paid(card: str = "pm_card_visa") -> tuple["Order", Payment]:
    order = make_order().order
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "", card)
    return order, services.refresh(payment_id=payment.id)


def _ask(order: "Order", *, cents: int | None = None, reason: str = "cancelled") -> None:
    with transaction():
        services.request_refund(reference=order.id, amount_cents=cents, reason=reason, actor="test")


def _balance() -> dict[str, int]:
    balance: dict[str, int] = {}
    for account, cents in LedgerEntry.objects.values_list("account", "amount_cents"):
        balance[account] = balance.get(account, 0) + cents
    return {account: cents for account, cents in balance.items() if cents}


def _refunded_at_stripe(payment: Payment) -> int:
    return sum(one.amount for one in sdk().v1.refunds.list({"payment_intent": payment.intent_id or ""}).data)


@pytest.mark.req("PAY-08")
def test_asking_twice_for_one_reason_pays_back_once() -> None:
    order, payment = _paid()
    for _ in range(3):
        _ask(order)
    shown = selectors.RefundView("pending", order.total_cents, "cancelled", order.currency)
    assert selectors.refunds_for([order.id]) == {order.id: [shown]}
    assert run_jobs() == 3
    refund = Refund.objects.get()
    assert (refund.status, refund.amount_cents) == (RefundStatus.SUCCEEDED, order.total_cents)
    assert _refunded_at_stripe(payment) == order.total_cents
    assert _balance() == {Account.SALES: -order.subtotal_cents, Account.REFUNDS: order.subtotal_cents}


@pytest.mark.req("PAY-08", "PAY-23")
def test_several_reasons_together_never_exceed_the_charge() -> None:
    order, payment = _paid()
    _ask(order, cents=100, reason="faulty")
    _ask(order, cents=101, reason="sorry")
    _ask(order, reason="cancelled")
    _ask(order, reason="late_payment")
    run_jobs()
    amounts = dict(Refund.objects.values_list("reason_key", "amount_cents"))
    assert amounts == {"faulty": 100, "sorry": 101, "cancelled": order.total_cents - 201, "late_payment": 0}
    assert Refund.objects.get(reason_key="late_payment").status == RefundStatus.NOTHING
    assert _refunded_at_stripe(payment) == order.total_cents
    assert _balance() == {Account.SALES: -order.subtotal_cents, Account.REFUNDS: order.subtotal_cents}


@pytest.mark.req("PAY-15")
@pytest.mark.parametrize("kind", ["fail_after", "cut", "html", "stored_500"])
def test_a_lost_answer_is_looked_up_and_paid_back_once(kind: str) -> None:
    order, payment = _paid()
    _ask(order)
    sandbox("/_sandbox/faults", {"kind": kind, "endpoints": ["POST /v1/refunds"], "remaining": 1})
    with pytest.raises(Unknown):
        services.run_refund(payment_id=payment.id, reason="cancelled")
    assert Refund.objects.get().status == RefundStatus.PENDING
    run_jobs()
    assert Refund.objects.get().status == RefundStatus.SUCCEEDED
    assert _refunded_at_stripe(payment) == order.total_cents


def _broken_key(endpoint: str) -> None:
    """Have the next request fail without effect, and its key give that same failure for a day."""
    sandbox("/_sandbox/faults", {"kind": "stored_before", "endpoints": [endpoint], "remaining": 1})


@pytest.mark.req("PAY-15", "PAY-08")
def test_a_failure_stored_under_a_refunds_key_gets_a_new_key_once_nothing_can_be_on_its_way() -> None:
    order, payment = _paid()
    _ask(order, cents=50)
    _broken_key("POST /v1/refunds")
    with frozen(now()) as time:
        for _ in range(2):
            with pytest.raises(Unknown):
                services.run_refund(payment_id=payment.id, reason="cancelled")
        assert services.run_refund(payment_id=payment.id, reason="cancelled").status == RefundStatus.PENDING
        assert _refunded_at_stripe(payment) == 0
        time.advance(seconds=61)
        assert services.rerun_stale() == 1
        for _ in range(2):
            assert services.run_refund(payment_id=payment.id, reason="cancelled").status == RefundStatus.SUCCEEDED
    assert _refunded_at_stripe(payment) == 50


@pytest.mark.req("PAY-15", "PAY-08")
def test_a_refunds_new_key_is_not_used_when_the_first_one_took_effect_late() -> None:
    order, payment = _paid()
    _ask(order, cents=50)
    _broken_key("POST /v1/refunds")
    with frozen(now()) as time:
        for _ in range(2):
            with pytest.raises(Unknown):
                services.run_refund(payment_id=payment.id, reason="cancelled")
        refund = Refund.objects.get()
        sdk().v1.refunds.create(
            {"payment_intent": payment.intent_id or "", "amount": 50, "metadata": {"refund": str(refund.id)}}
        )
        time.advance(seconds=61)
        assert services.run_refund(payment_id=payment.id, reason="cancelled").status == RefundStatus.SUCCEEDED
    assert _refunded_at_stripe(payment) == 50


@pytest.mark.req("PAY-17", "PAY-08")
def test_one_refund_of_ours_that_is_there_twice_waits_for_a_person() -> None:
    order, payment = _paid()
    _ask(order, cents=50)
    run_jobs()
    ours = Refund.objects.get()
    twin = sdk().v1.refunds.create(
        {"payment_intent": payment.intent_id or "", "amount": 50, "metadata": {"refund": str(ours.id)}}
    )
    assert not apply_listed(answer=gateway().fetch_refund(provider_refund_id=twin.id), seen_at=now())
    assert [(one.kind, one.subject) for one in open_breaks()] == [("refund_differs", twin.id)]
    ours.refresh_from_db()
    assert ours.provider_refund_id != twin.id


def test_a_refund_waits_for_an_outage_to_end() -> None:
    order, payment = _paid()
    _ask(order)
    sandbox("/_sandbox/faults", {"kind": "outage"})
    with pytest.raises((Unavailable, Unknown)):
        services.run_refund(payment_id=payment.id, reason="cancelled")
    sandbox("/_sandbox/faults", method="DELETE")
    with frozen(now() + timedelta(minutes=2)):
        assert services.rerun_stale() == 1
        run_jobs()
    assert Refund.objects.get().status == RefundStatus.SUCCEEDED


@pytest.mark.req("PAY-08")
def test_a_refund_is_settled_only_when_the_provider_says_so(client: Client) -> None:
    order, payment = _paid("pm_card_pendingRefund")
    _ask(order)
    services.run_refund(payment_id=payment.id, reason="cancelled")
    refund = Refund.objects.get()
    if refund.status == RefundStatus.PENDING:
        assert Account.REFUNDS not in _balance()
        sandbox("/_sandbox/clock", {"advance_seconds": 7 * 86400})
        deliver(client, payment.intent_id or "")
        run_jobs()
        refund.refresh_from_db()
    assert refund.status == RefundStatus.SUCCEEDED


@pytest.mark.req("PAY-12")
def test_a_refund_that_comes_back_is_taken_out_of_the_books(client: Client) -> None:
    order, payment = _paid("pm_card_refundFail")
    _ask(order)
    services.run_refund(payment_id=payment.id, reason="cancelled")
    sandbox("/_sandbox/clock", {"advance_seconds": 7 * 86400})
    types = deliver(client, payment.intent_id or "")
    assert "refund.failed" in types
    run_jobs()
    refund = Refund.objects.get()
    assert refund.status == RefundStatus.FAILED
    payment.refresh_from_db()
    assert payment.refunding_cents == 0
    assert _balance()[Account.STRIPE_RECEIVABLE] == order.total_cents
    assert Account.REFUNDS not in _balance()
    deliver(client, payment.intent_id or "")
    run_jobs()
    assert _balance()[Account.STRIPE_RECEIVABLE] == order.total_cents


@pytest.mark.req("PAY-08", "PAY-12")
def test_a_customer_is_told_the_amount_of_the_refund_that_came_back(client: Client) -> None:
    """A part went back for good before; what they wait for is the rest."""
    order, payment = _paid("pm_card_refundFail")
    _ask(order, cents=100, reason="faulty")
    run_jobs()
    orders.cancel_order(order_id=order.id, actor="customer")
    run_jobs()
    rest = Refund.objects.get(reason_key="cancelled")
    sandbox("/_sandbox/clock", {"advance_seconds": 7 * 86400})
    failed = [one for one in events_of(payment.intent_id or "") if one["type"] == "refund.failed"]
    post_event(client, next(one for one in failed if one["data"]["object"]["id"] == rest.provider_refund_id))
    run_jobs()
    assert dict(Refund.objects.values_list("amount_cents", "status")) == {
        100: RefundStatus.SUCCEEDED,
        order.total_cents - 100: RefundStatus.FAILED,
    }
    left = money_text(order.total_cents - 100, order.currency)
    says = ordering.get_order(order.id)["status_text"]
    assert says == f"Cancelled. The refund of {left} did not go through yet. We are on it."


@pytest.mark.req("PAY-12")
def test_a_refund_made_by_hand_at_stripe_is_taken_into_the_books(client: Client) -> None:
    order, payment = _paid()
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 50})
    deliver(client, payment.intent_id or "")
    run_jobs()
    refund = Refund.objects.get()
    assert (refund.status, refund.amount_cents, refund.actor) == (RefundStatus.SUCCEEDED, 50, "provider")
    assert _balance()[Account.STRIPE_RECEIVABLE] == order.total_cents - 50
    _ask(order)
    run_jobs()
    assert _refunded_at_stripe(payment) == order.total_cents


@pytest.mark.req("PAY-08")
@pytest.mark.parametrize("cents", [None, 18])
def test_what_was_refunded_by_hand_is_left_out_of_ours(cents: int | None) -> None:
    order, payment = _paid()
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", **({"amount": cents} if cents else {})})
    _ask(order)
    run_jobs()
    by_hand = order.total_cents if cents is None else cents
    ours = Refund.objects.get(reason_key="cancelled")
    assert (ours.status, ours.amount_cents) == (
        RefundStatus.SUCCEEDED if cents else RefundStatus.NOTHING,
        order.total_cents - by_hand,
    )
    assert Refund.objects.get(actor="provider").amount_cents == by_hand
    assert _refunded_at_stripe(payment) == order.total_cents
    assert _balance() == {Account.SALES: -order.subtotal_cents, Account.REFUNDS: order.subtotal_cents}


@pytest.mark.req("PAY-08", "PAY-12")
def test_a_wrong_answer_about_a_refund_by_hand_costs_nobody_a_cent() -> None:
    order, payment = _paid()
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 18})
    _ask(order)
    sandbox("/_sandbox/faults", {"kind": "wrong_amount"})
    run_jobs()
    ours = Refund.objects.get()
    assert (ours.status, ours.amount_cents) == (RefundStatus.PENDING, order.total_cents)
    assert [one.kind for one in open_breaks()] == ["refund_differs"]
    sandbox("/_sandbox/faults", method="DELETE")
    services.run_refund(payment_id=payment.id, reason=ours.reason_key)
    assert set(Refund.objects.values_list("amount_cents", "status")) == {
        (18, RefundStatus.SUCCEEDED),
        (order.total_cents - 18, RefundStatus.SUCCEEDED),
    }
    assert _refunded_at_stripe(payment) == order.total_cents
    assert _balance() == {Account.SALES: -order.subtotal_cents, Account.REFUNDS: order.subtotal_cents}


@pytest.mark.req("PAY-12", "PAY-14", "PAY-17")
def test_a_message_about_a_refund_by_hand_is_not_believed_against_the_charge(client: Client) -> None:
    sandbox("/_sandbox/reset", {})  # its clock, too, which other tests have moved on by days
    order, payment = _paid()
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 18})
    sandbox("/_sandbox/faults", {"kind": "wrong_amount", "endpoints": ["GET /v1/refunds"]})
    deliver(client, payment.intent_id or "")
    run_jobs()
    assert not Refund.objects.exists()
    sandbox("/_sandbox/faults", method="DELETE")
    with frozen(now() + timedelta(minutes=10)):
        services.reconcile()
    assert Refund.objects.get().amount_cents == 18
    assert _balance()[Account.STRIPE_RECEIVABLE] == order.total_cents - 18


def test_the_database_refuses_refunds_above_the_charge() -> None:
    _, payment = _paid()
    with pytest.raises(IntegrityError, match="payment_refunds_within_amount"):
        Payment.objects.filter(id=payment.id).update(refunding_cents=payment.amount_cents + 1)


@pytest.mark.req("PAY-12", "PAY-14")
def test_a_refund_told_before_its_charge_waits_for_it(client: Client) -> None:
    order = make_order().order
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 50})
    deliver(client, payment.intent_id or "")
    order_of_work = list(InboxMessage.objects.order_by("-id").values_list("id", flat=True))
    for message_id in order_of_work:
        services.take_message(message_id=message_id)
    assert InboxMessage.objects.filter(state="parked").exists()
    run_jobs(also_later=True)
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {"done"}
    assert Refund.objects.get().status == RefundStatus.SUCCEEDED
    assert _balance()[Account.STRIPE_RECEIVABLE] == order.total_cents - 50


def _came_back_unheard() -> tuple["Order", Payment]:
    """All was given back and came back without our hearing of it; then somebody gave it back by hand."""
    sandbox("/_sandbox/reset", {})
    order, payment = _paid("pm_card_refundFail")
    _ask(order)
    run_jobs()
    assert Refund.objects.get().status == RefundStatus.SUCCEEDED
    sandbox("/_sandbox/clock", {"advance_seconds": 7 * 86400})
    sdk().v1.refunds.create({"payment_intent": payment.intent_id or ""})
    return order, payment


@pytest.mark.req("PAY-12")
@pytest.mark.parametrize("heard", ["message", "reconcile"])
def test_a_refund_by_hand_after_one_that_came_back_unheard_is_taken_in(client: Client, heard: str) -> None:
    order, payment = _came_back_unheard()
    if heard == "message":
        by_hand = sdk().v1.refunds.list({"payment_intent": payment.intent_id or ""}).data[0]
        told = next(one for one in events_of(payment.intent_id or "") if one["data"]["object"]["id"] == by_hand.id)
        post_event(client, told)
        run_jobs()
        assert set(InboxMessage.objects.values_list("state", flat=True)) == {"done"}
    else:
        with frozen(now() + timedelta(days=7, minutes=1)):
            services.reconcile()
    assert dict(Refund.objects.values_list("actor", "status")) == {"test": "failed", "provider": "succeeded"}
    payment.refresh_from_db()
    assert payment.refunding_cents == order.total_cents
    assert _balance() == {Account.SALES: -order.subtotal_cents, Account.REFUNDS: order.subtotal_cents}


@pytest.mark.req("PAY-12", "PAY-17")
def test_a_failed_refund_outside_the_page_is_looked_up_when_there_is_no_room() -> None:
    order, payment = _came_back_unheard()
    by_hand = gateway().list_refunds(intent_id=payment.intent_id or "")[0]
    assert apply_listed(answer=by_hand, seen_at=now())
    assert dict(Refund.objects.values_list("actor", "status")) == {"test": "failed", "provider": "succeeded"}
    assert _balance() == {Account.SALES: -order.subtotal_cents, Account.REFUNDS: order.subtotal_cents}


@pytest.mark.req("PAY-17")
def test_refunds_above_the_charge_wait_for_a_person_and_stop_no_other() -> None:
    order, payment = _paid()
    other = sdk().v1.refunds.create({"payment_intent": payment.intent_id or "", "amount": 50})
    found = gateway().fetch_refund(provider_refund_id=other.id)
    too_much = replace(found, id="re_too_much", amount_cents=order.total_cents + 1)
    for one in (too_much, found):
        apply_listed(answer=one, seen_at=now())
    assert [(one.kind, one.subject) for one in open_breaks()] == [("refund_differs", "re_too_much")]
    assert Refund.objects.get().amount_cents == 50
