"""Disputes: opened by a card or by hand, answered with evidence, won, lost, run out."""

from typing import Any

import httpx
import pytest
import stripe

from sandbox.tests.running import Receiver, Sandbox


def charge_of(client: stripe.StripeClient, intent: Any) -> Any:
    found: Any = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    return found.latest_charge


def disputed(client: stripe.StripeClient, pay: Any, receiver: Receiver, token: str = "pm_card_createDispute") -> Any:
    """A dispute of a fresh payment."""
    intent = pay(token)
    receiver.wait_for(intent.id, "charge.dispute.created")
    return client.v1.disputes.list({"payment_intent": intent.id}).data[0]


@pytest.mark.parametrize(
    ("token", "reason", "status"),
    [
        ("pm_card_createDispute", "fraudulent", "needs_response"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "needs_response"),
        ("pm_card_createDisputeInquiry", "general", "warning_needs_response"),
    ],
)
def test_dispute_opens_after_the_payment(
    client: stripe.StripeClient, pay: Any, receiver: Receiver, token: str, reason: str, status: str
) -> None:
    intent = pay(token)
    receiver.wait_for(intent.id, "charge.dispute.created")
    dispute = client.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.reason, dispute.status, dispute.amount) == (reason, status, 650)
    assert charge_of(client, intent).disputed is True


def test_a_charge_given_back_before_its_dispute_is_never_disputed(
    client: stripe.StripeClient, sandbox: Sandbox, pay: Any
) -> None:
    """Found by ./run chaos: the dispute that came due raised, and setting the clock was answered 500."""
    sandbox.control("POST", "clock", held=True)
    try:
        intent = pay("pm_card_createDispute")
        client.v1.refunds.create({"payment_intent": intent.id})
        sandbox.control("POST", "clock", advance_seconds=3600)
    finally:
        sandbox.control("POST", "clock", held=False)
    assert client.v1.disputes.list({"payment_intent": intent.id}).data == []
    assert charge_of(client, intent).disputed is False


@pytest.mark.parametrize(("words", "end"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_evidence_decides_a_dispute(
    client: stripe.StripeClient, sandbox: Sandbox, pay: Any, receiver: Receiver, words: str, end: str
) -> None:
    intent = pay("pm_card_createDispute")
    receiver.wait_for(intent.id, "charge.dispute.created")
    dispute = client.v1.disputes.list({"payment_intent": intent.id}).data[0]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refusal.value.code == "charge_disputed"
    decided = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": words}})
    assert decided.status == end
    receiver.wait_for(intent.id, "charge.dispute.closed")
    net = sum(line.net for line in client.v1.balance_transactions.list({"source": dispute.id}).data)
    assert net == (-1500 if end == "won" else -2150)
    (book,) = sandbox.control("GET", f"stripe/books?about={intent.id}")["intents"]
    assert (book["amount_disputed"], book["dispute_fees"]) == (0 if end == "won" else 650, 1500)


@pytest.mark.parametrize(("words", "told"), [("winning_evidence", 1), ("losing_evidence", 0)])
def test_money_is_withdrawn_and_comes_back_when_won(
    client: stripe.StripeClient, pay: Any, receiver: Receiver, words: str, told: int
) -> None:
    dispute = disputed(client, pay, receiver)
    receiver.wait_for(dispute.id, "charge.dispute.funds_withdrawn")
    client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": words}})
    receiver.wait_for(dispute.id, "charge.dispute.closed")
    assert len(receiver.about(dispute.id, "charge.dispute.funds_reinstated")) == told
    found = client.v1.disputes.retrieve(dispute.id)
    assert [line.amount for line in found.balance_transactions] == [-650, 650][: 1 + told]


def test_evidence_is_staged_and_submitted_later(client: stripe.StripeClient, pay: Any, receiver: Receiver) -> None:
    dispute = disputed(client, pay, receiver)
    evidence: Any = {"product_description": "Two sodas", "customer_name": "Ana", "service_date": "2026-11-20"}
    staged = client.v1.disputes.update(dispute.id, {"evidence": evidence, "submit": False})
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    assert staged.evidence_details.submission_count == 0
    sent = client.v1.disputes.update(dispute.id, {"submit": True})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.evidence.product_description == "Two sodas"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.update(dispute.id, {"evidence": evidence})


def test_document_must_be_an_uploaded_file(client: stripe.StripeClient, pay: Any, receiver: Receiver) -> None:
    dispute = disputed(client, pay, receiver)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.disputes.update(dispute.id, {"evidence": {"receipt": "the receipt"}})
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "evidence[receipt]")
    assert client.v1.disputes.retrieve(dispute.id).status == "needs_response"


def test_accepted_dispute_is_lost(client: stripe.StripeClient, pay: Any, receiver: Receiver) -> None:
    dispute = disputed(client, pay, receiver)
    assert client.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.close(dispute.id)


@pytest.mark.parametrize(
    ("token", "end"), [("pm_card_createDispute", "lost"), ("pm_card_createDisputeInquiry", "warning_closed")]
)
def test_unanswered_dispute_ends_with_its_time(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Any, receiver: Receiver, token: str, end: str
) -> None:
    dispute = disputed(client, pay, receiver, token)
    sandbox.control("POST", "clock", advance_seconds=14 * 86400)
    found = client.v1.disputes.retrieve(dispute.id)
    assert (found.status, found.evidence_details.past_due) == (end, True)
    receiver.wait_for(dispute.id, "charge.dispute.closed")


def test_dispute_by_hand_covers_what_was_not_refunded(sandbox: Sandbox, client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=1000)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 400})
    charge = charge_of(client, intent).id
    path = f"stripe/charges/{charge}/dispute"
    dispute = sandbox.control("POST", path, reason="duplicate")
    assert (dispute["amount"], dispute["reason"], dispute["status"]) == (600, "duplicate", "needs_response")
    assert httpx.post(f"{sandbox.url}/_sandbox/{path}", json={}).status_code == 400
    assert sandbox.control("POST", f"stripe/disputes/{dispute['id']}/decide", won=True)["status"] == "won"
