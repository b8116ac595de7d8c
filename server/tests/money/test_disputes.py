"""Disputes: each movement in the books once, no refund beside one, evidence sent once and before its deadline."""

import io
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from codepop.aftersales import services as aftersales
from codepop.aftersales.tests.factories import make_ask, make_giver
from codepop.core.db import transaction
from codepop.core.models import InboxMessage
from codepop.gateways.payments import DisputeStatus, Evidence, Unknown
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import frozen, now
from codepop.ordering.errors import UnderDispute
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import services
from codepop.payments.errors import NoAnswerPossible
from codepop.payments.models import Account, Dispute, LedgerEntry, Payment, Refund, RefundStatus
from codepop.payments.selectors import open_breaks
from codepop.payments.services.disputes import apply_dispute
from codepop.payments.tasks import look_at_disputes
from tests.stripe_side import confirm, deliver, events_of, post_event, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]

FEE = 1500
EVIDENCE = Evidence(
    product="1 x Canyon Sunset",
    served_on="2026-11-25",
    activity="10:01 made\n10:04 door 3 opened with the customer's code",
    refund_policy="Money back until a robot starts.",
    refusal="The drink was made and fetched.",
    summary="winning_evidence",
)


def _charged(card: str = "pm_card_createDispute", *, shop: Shop | None = None) -> tuple[Order, Payment]:
    order = make_order(shop=shop).order
    payment = services.create_intent(reference=order.id)
    confirm(payment.intent_id or "", card)
    return order, services.refresh(payment_id=payment.id)


def _disputed(client: Client, card: str = "pm_card_createDispute") -> tuple[Order, Payment, Dispute]:
    order, payment = _charged(card)
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    deliver(client, payment.intent_id or "")
    run_jobs()
    return order, payment, Dispute.objects.get()


def _balance() -> dict[str, int]:
    sums: Counter[str] = Counter()
    for account, cents in LedgerEntry.objects.values_list("account", "amount_cents"):
        sums[account] += cents
    return {account: cents for account, cents in sums.items() if cents}


def _close(client: Client, payment: Payment, dispute: Dispute, word: str) -> None:
    sdk().v1.disputes.update(dispute.provider_dispute_id, {"evidence": {"uncategorized_text": word}, "submit": True})
    deliver(client, payment.intent_id or "")
    run_jobs()
    dispute.refresh_from_db()


def _fulfilled(order: Order) -> None:
    for status in (Status.QUEUED, Status.PREPARING, Status.READY, Status.PICKED_UP):
        fields: dict[str, Any] = {"door_number": 1, "code_nonce": 1} if status == Status.PREPARING else {}
        Order.objects.filter(id=order.id).update(status=status.value, **fields)


@pytest.mark.req("PAY-12", "D6", "C29")
def test_a_dispute_is_recorded_with_its_deadline_and_what_the_bank_took(client: Client) -> None:
    order, payment, dispute = _disputed(client)
    assert (dispute.payment_id, dispute.state, dispute.inquiry) == (payment.id, "needs_response", False)
    assert dispute.amount_cents == order.total_cents
    assert dispute.due_at is not None
    assert _balance() == {
        Account.STRIPE_RECEIVABLE: -FEE,
        Account.DISPUTED: order.total_cents,
        Account.PROVIDER_FEES: FEE,
        Account.SALES: -order.subtotal_cents,
        Account.TAX_PAYABLE: -order.tax_cents,
    }
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {"done"}
    for event in reversed(events_of(payment.intent_id or "")):
        post_event(client, event | {"id": f"{event['id']}again"})
    run_jobs()
    assert Dispute.objects.count() == 1
    assert _balance()[Account.DISPUTED] == order.total_cents


@pytest.mark.req("PAY-12")
@pytest.mark.parametrize(("word", "state"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_the_banks_decision_ends_in_the_books(client: Client, word: str, state: str) -> None:
    order, payment, dispute = _disputed(client)
    _close(client, payment, dispute, word)
    assert (dispute.state, dispute.closed_at is not None) == (state, True)
    kept = {
        "won": {Account.STRIPE_RECEIVABLE: order.total_cents - FEE},
        "lost": {
            Account.STRIPE_RECEIVABLE: -FEE,
            Account.DISPUTE_LOSSES: order.total_cents,
        },
    }
    sales = {Account.SALES: -order.subtotal_cents, Account.TAX_PAYABLE: -order.tax_cents}
    assert _balance() == kept[state] | {Account.PROVIDER_FEES: FEE} | sales
    services.look_at_disputes()
    assert _balance() == kept[state] | {Account.PROVIDER_FEES: FEE} | sales


@pytest.mark.req("PAY-12")
def test_an_inquiry_takes_nothing_and_does_not_stop_a_refund(client: Client) -> None:
    order, _, dispute = _disputed(client, "pm_card_createDisputeInquiry")
    assert (dispute.inquiry, _balance().get(Account.DISPUTED)) == (True, None)
    _fulfilled(order)
    aftersales.ask_refund(ask=make_ask(order), by=make_giver())
    run_jobs()
    assert Refund.objects.get().status == RefundStatus.SUCCEEDED


@pytest.mark.req("PAY-12", "D6")
def test_staff_cannot_pay_a_disputed_charge_back_as_well(client: Client) -> None:
    order, _, _ = _disputed(client)
    _fulfilled(order)
    with pytest.raises(UnderDispute):
        aftersales.ask_refund(ask=make_ask(order), by=make_giver())
    assert not Refund.objects.exists()


@pytest.mark.req("PAY-12", "D6")
@pytest.mark.parametrize(
    ("word", "ends"), [("winning_evidence", RefundStatus.FAILED), ("losing_evidence", RefundStatus.NOTHING)]
)
def test_a_refund_that_meets_a_dispute_waits_for_its_end(client: Client, word: str, ends: RefundStatus) -> None:
    order, payment, dispute = _disputed(client)
    with transaction():
        services.request_refund(reference=order.id, amount_cents=None, reason="machine_failure", actor="robots")
    run_jobs()
    refund = Refund.objects.get()
    assert refund.status == RefundStatus.REQUESTED
    _close(client, payment, dispute, word)
    refund.refresh_from_db()
    # A won charge is asked for again, and the provider's word counts: it refuses, and a person is told.
    assert (refund.status, refund.failure_code) == (ends, "charge_disputed" if ends == RefundStatus.FAILED else "")
    back = sum(one.amount for one in sdk().v1.refunds.list({"payment_intent": payment.intent_id or ""}).data)
    assert back == 0


@pytest.mark.req("PAY-12")
def test_a_dispute_whose_messages_were_lost_is_found(client: Client) -> None:
    order, _ = _charged()
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    assert not Dispute.objects.exists()
    services.look_at_disputes()
    assert _balance()[Account.DISPUTED] == order.total_cents
    services.look_at_disputes()
    assert Dispute.objects.count() == 1


@pytest.mark.req("PAY-12", "PAY-17")
def test_a_dispute_that_contradicts_our_charge_waits_for_a_person_and_stops_no_other() -> None:
    sandbox("/_sandbox/reset", {})
    shop = make_shop()
    charged = [_charged(shop=shop)[0] for _ in range(2)]
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    sandbox("/_sandbox/faults", {"kind": "wrong_amount", "endpoints": ["GET /v1/disputes"]})
    services.look_at_disputes()
    services.look_at_disputes()
    assert [(one.kind, one.subject[:3]) for one in open_breaks()] == [("dispute_differs", "du_")] * 2
    assert not Dispute.objects.exists()
    sandbox("/_sandbox/faults", method="DELETE")
    services.look_at_disputes()
    assert open_breaks() == []
    assert {one.payment.reference for one in Dispute.objects.select_related("payment")} == {one.id for one in charged}


@pytest.mark.req("PAY-12", "PAY-17")
def test_a_dispute_the_provider_does_not_show_stops_neither_others_nor_warnings(client: Client) -> None:
    sandbox("/_sandbox/reset", {})
    _, _, dispute = _disputed(client)
    Dispute.objects.update(provider_dispute_id="du_nowhere", due_at=now() + timedelta(hours=70))
    with frozen(now() + timedelta(hours=7)):
        look_at_disputes()
    assert ("dispute_differs", "du_nowhere") in [(one.kind, one.subject) for one in open_breaks()]
    assert Dispute.objects.filter(provider_dispute_id=dispute.provider_dispute_id).exists()
    dispute.refresh_from_db()
    assert dispute.warned_at is not None


@pytest.mark.req("PAY-12", "FAIL-01")
def test_deadlines_are_told_though_the_provider_is_away(client: Client) -> None:
    _, _, dispute = _disputed(client)
    assert dispute.due_at is not None
    sandbox("/_sandbox/faults", {"kind": "outage"})
    with frozen(dispute.due_at - timedelta(hours=71)):
        look_at_disputes()
    dispute.refresh_from_db()
    assert dispute.warned_at is not None


@pytest.mark.req("PAY-12", "PAY-17")
def test_the_command_finds_lost_disputes_too() -> None:
    sandbox("/_sandbox/reset", {})
    order, _ = _charged()
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    call_command("reconcile", stdout=io.StringIO())
    assert _balance()[Account.DISPUTED] == order.total_cents


# --- evidence ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("D6")
def test_evidence_is_sent_once_even_when_the_answer_is_lost(client: Client) -> None:
    _, _, dispute = _disputed(client)
    services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:1")
    services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:2")
    sandbox("/_sandbox/faults", {"kind": "fail_after", "endpoints": ["POST /v1/disputes/*"], "remaining": 1})
    with pytest.raises(Unknown):
        services.send_evidence(dispute_id=dispute.id)
    run_jobs()
    dispute.refresh_from_db()
    assert (dispute.state, dispute.evidence_by) == ("won", "staff:1")
    assert dispute.evidence_sent_at is not None
    sent = sdk().v1.disputes.retrieve(dispute.provider_dispute_id)
    assert sent.evidence_details.submission_count == 1
    assert sent.evidence.access_activity_log == EVIDENCE.activity
    with pytest.raises(NoAnswerPossible):
        services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:1")


@pytest.mark.req("D6", "PAY-15")
def test_a_failure_stored_under_the_key_of_the_evidence_gets_a_new_key(client: Client) -> None:
    _, _, dispute = _disputed(client)
    services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:1")
    sandbox("/_sandbox/faults", {"kind": "stored_before", "endpoints": ["POST /v1/disputes/*"], "remaining": 1})
    with pytest.raises(Unknown):
        services.send_evidence(dispute_id=dispute.id)
    assert services.send_evidence(dispute_id=dispute.id).evidence_sent_at is not None
    assert sdk().v1.disputes.retrieve(dispute.provider_dispute_id).evidence_details.submission_count == 1


@pytest.mark.req("D6", "PAY-15")
def test_evidence_that_arrived_between_look_and_sending_is_no_problem(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request, slow on its way, is taken after the look: the second is refused, and the bank has our say."""
    _, _, dispute = _disputed(client)
    services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:1")
    real = gateway().fetch_dispute

    def look_then_arrive(*, dispute_id: str) -> Any:
        found = real(dispute_id=dispute_id)
        if found.status == DisputeStatus.NEEDS_RESPONSE:
            sdk().v1.disputes.update(dispute_id, {"evidence": {"uncategorized_text": "seen"}, "submit": True})
        return found

    monkeypatch.setattr(gateway(), "fetch_dispute", look_then_arrive)
    sent = services.send_evidence(dispute_id=dispute.id)
    assert (sent.state, sent.evidence_sent_at is not None, sent.evidence_problem) == ("under_review", True, "")


@pytest.mark.req("D6")
def test_a_near_deadline_is_told_once_and_a_missed_one_ends_it(client: Client) -> None:
    _, _, dispute = _disputed(client)
    assert dispute.due_at is not None
    assert services.warn_of_deadlines() == 0
    with frozen(dispute.due_at - timedelta(hours=71)):
        assert [services.warn_of_deadlines(), services.warn_of_deadlines()] == [1, 0]
    with frozen(dispute.due_at + timedelta(seconds=1)), pytest.raises(NoAnswerPossible):
        services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:1")
    assert now() < dispute.due_at


@pytest.mark.req("D6", "PAY-12")
def test_an_answered_inquiry_that_becomes_a_dispute_is_answered_anew(client: Client) -> None:
    _, _, dispute = _disputed(client, "pm_card_createDisputeInquiry")
    services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:1")
    Dispute.objects.update(evidence_sent_at=now(), warned_at=now())
    found = gateway().fetch_dispute(dispute_id=dispute.provider_dispute_id)
    escalated = replace(found, inquiry=False, status=DisputeStatus.NEEDS_RESPONSE, submissions=1)
    for _ in range(2):
        with transaction():
            apply_dispute(answer=escalated, seen_at=now())
    dispute.refresh_from_db()
    assert (dispute.inquiry, dispute.evidence_sent_at, dispute.warned_at, dispute.evidence) == (False, None, None, "")
    again = services.ask_for_evidence(dispute_id=dispute.id, evidence=EVIDENCE, actor="staff:2")
    assert again.evidence_by == "staff:2"
    answered = replace(escalated, status=DisputeStatus.UNDER_REVIEW, submissions=2)
    with transaction():
        assert apply_dispute(answer=answered, seen_at=now()).evidence_sent_at is not None
