"""Disputes: the provider's state applied and booked, refunds held meanwhile, evidence sent once and in time."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.db import transaction, transaction_required
from codepop.core.events import publish
from codepop.core.jobs import defer, defer_once
from codepop.core.log import get_logger
from codepop.gateways.payments import DisputeStatus, Evidence, ProviderDispute, Refused, Unknown
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.payments import ledger
from codepop.payments.errors import Contradiction, NoAnswerPossible
from codepop.payments.events import DisputeClosed, DisputeDueSoon, DisputeOpened
from codepop.payments.models import OPEN_DISPUTES, BreakKind, Dispute, DisputeState, Payment, RefundStatus
from codepop.payments.services.breaks import close_breaks, record_break

log = get_logger(__name__)

WARN_BEFORE = timedelta(hours=72)
"""Banks give seven to twenty-one days; the last three are for people to read what our own facts say."""

LOOK_BACK = timedelta(days=7)
STALE_AFTER = timedelta(hours=6)

_STATE: Final[dict[DisputeStatus, DisputeState]] = {one: DisputeState(one.value) for one in DisputeStatus}


@transaction_required
def apply_dispute(*, answer: ProviderDispute, seen_at: datetime) -> Dispute:
    """Apply what the provider showed of a dispute in a look that began at `seen_at`; may be repeated, in any order.

    Books what it moved, publishes DisputeOpened and DisputeClosed. Raises Contradiction, Payment.DoesNotExist.
    """
    payment = Payment.objects.select_for_update(no_key=True).get(intent_id=answer.intent_id)
    if answer.currency != payment.currency or answer.amount_cents > payment.amount_cents:
        raise Contradiction(f"dispute {answer.id} is over {answer.amount_cents} {answer.currency}")
    dispute = Dispute.objects.filter(provider_dispute_id=answer.id).first()
    before = DisputeState(dispute.state) if dispute else None
    ledger.book_dispute(payment=payment, dispute_id=answer.id, movements=answer.movements, at=seen_at)
    if dispute and (before not in OPEN_DISPUTES or seen_at < dispute.observed_at):
        return dispute
    dispute = dispute or Dispute(payment=payment, provider_dispute_id=answer.id, opened_at=answer.opened_at)
    _take_over(dispute, answer, seen_at)
    if before is None:
        raise_alert("dispute_open", f"A charge is disputed: {dispute.reason}.", subject=str(dispute.id))
        due = dispute.due_at.isoformat() if dispute.due_at else ""
        publish(DisputeOpened(dispute_id=dispute.id, reference=payment.reference, due_at=due))
    if dispute.state not in OPEN_DISPUTES:
        _close(dispute, payment, seen_at)
    return dispute


def _take_over(dispute: Dispute, answer: ProviderDispute, seen_at: datetime) -> None:
    if dispute.inquiry and not answer.inquiry:
        # The bank took the money after all and asks anew: what answered the inquiry doesn't answer the dispute.
        dispute.evidence_sent_at = dispute.evidence_asked_at = dispute.warned_at = None
        dispute.evidence = dispute.evidence_by = dispute.evidence_problem = ""
    dispute.state, dispute.inquiry = _STATE[answer.status], answer.inquiry
    dispute.reason, dispute.amount_cents = answer.reason[:60], answer.amount_cents
    dispute.due_at, dispute.observed_at = answer.due_at, seen_at
    if is_answered(answer) and not dispute.evidence_sent_at:
        dispute.evidence_sent_at = seen_at
        dispute.evidence_by = dispute.evidence_by or "provider"
    dispute.save()


def is_answered(answer: ProviderDispute) -> bool:
    """Say whether the bank has our evidence. The count alone doesn't: it keeps what was sent to an earlier inquiry."""
    return bool(answer.submissions) and answer.status != DisputeStatus.NEEDS_RESPONSE


@transaction_required
def _close(dispute: Dispute, payment: Payment, seen_at: datetime) -> None:
    dispute.closed_at = seen_at
    dispute.save(update_fields=["closed_at"])
    if dispute.state == DisputeState.LOST:
        ledger.book_dispute_lost(payment=payment, dispute_id=dispute.provider_dispute_id, at=seen_at)
    for refund in payment.refunds.filter(status=RefundStatus.REQUESTED):
        defer("payments.run_refund", payment_id=str(payment.id), reason=refund.reason_key)
    for kind in ("dispute_open", "dispute_due_soon"):
        close_alert(kind, subject=str(dispute.id))
    log.warning("dispute_closed", dispute=str(dispute.id), outcome=str(dispute.state))
    publish(DisputeClosed(dispute_id=dispute.id, reference=payment.reference, outcome=str(dispute.state)))


def ask_for_evidence(*, dispute_id: UUID, evidence: Evidence, actor: str) -> Dispute:
    """Fix the evidence and add the job that sends it. What was asked once stays as it is.

    Raises NoAnswerPossible once evidence was sent, after the deadline, and when the bank has decided.
    """
    with transaction():
        dispute = Dispute.objects.select_for_update().get(id=dispute_id)
        overdue = dispute.due_at is not None and dispute.due_at < now()
        if dispute.state != DisputeState.NEEDS_RESPONSE or dispute.evidence_sent_at or overdue:
            raise NoAnswerPossible
        if not dispute.evidence or dispute.evidence_problem:
            dispute.evidence = json.dumps(asdict(evidence))
            dispute.evidence_by, dispute.evidence_problem, dispute.evidence_asked_at = actor, "", now()
            dispute.save(update_fields=["evidence", "evidence_by", "evidence_problem", "evidence_asked_at"])
        defer("payments.send_evidence", dispute_id=str(dispute.id))
        return dispute


def send_evidence(*, dispute_id: UUID) -> Dispute:
    """Send the fixed evidence, or find that it arrived. Raises Unavailable or Unknown: call it again."""
    dispute = Dispute.objects.get(id=dispute_id)
    if not dispute.evidence or dispute.evidence_sent_at or dispute.evidence_problem:
        return dispute
    seen_at = now()
    answer = gateway().fetch_dispute(dispute_id=dispute.provider_dispute_id)
    if answer.status == DisputeStatus.NEEDS_RESPONSE:
        seen_at = now()
        try:
            answer = _submit(dispute)
        except Refused as error:
            seen_at = now()
            answer = gateway().fetch_dispute(dispute_id=dispute.provider_dispute_id)
            if answer.status == DisputeStatus.NEEDS_RESPONSE:  # else an earlier request of ours arrived after all
                log.error("evidence_refused", dispute=str(dispute.id), code=error.code, request=error.request_id)
                Dispute.objects.filter(id=dispute.id).update(evidence_problem=error.code[:60] or "refused")
                return dispute
    with transaction():
        return apply_dispute(answer=answer, seen_at=seen_at)


def _submit(dispute: Dispute) -> ProviderDispute:
    """Send the evidence of a dispute that was just seen unanswered; a key without an answer is not used again."""
    asked = int(dispute.evidence_asked_at.timestamp()) if dispute.evidence_asked_at else 0
    again = f":{dispute.evidence_attempt}" if dispute.evidence_attempt > 1 else ""
    try:
        return gateway().submit_evidence(
            dispute_id=dispute.provider_dispute_id,
            evidence=Evidence(**json.loads(dispute.evidence)),
            key=f"codepop:evidence:{dispute.id}:{asked}{again}",
        )
    except Unknown:
        # Looked at first next time: the new key is used only when the bank has no answer of ours then.
        row = Dispute.objects.filter(id=dispute.id, evidence_attempt=dispute.evidence_attempt)
        row.update(evidence_attempt=dispute.evidence_attempt + 1)
        raise


def look_at_disputes() -> int:
    """Find disputes whose messages were lost, look again at open ones, send evidence left behind; returns how many.

    Another system's disputes on the same account are none of ours.
    """
    seen_at = now()
    found = {one.id: one for one in gateway().list_disputes(since=seen_at - LOOK_BACK)}
    stale = Dispute.objects.filter(state__in=OPEN_DISPUTES, observed_at__lt=seen_at - STALE_AFTER)
    for provider_id in stale.order_by("observed_at").values_list("provider_dispute_id", flat=True)[:25]:
        if provider_id not in found and (answer := _fetch(provider_id)):
            found[provider_id] = answer
    charges = Payment.objects.filter(intent_id__in=[one.intent_id for one in found.values()], status="succeeded")
    known = set(charges.values_list("intent_id", flat=True))
    ours = [one for one in found.values() if one.intent_id in known]
    for answer in ours:
        _apply_listed(answer, seen_at)
    unsent = Dispute.objects.filter(evidence_asked_at__isnull=False, evidence_sent_at=None, evidence_problem="")
    for dispute_id in unsent.filter(state=DisputeState.NEEDS_RESPONSE).values_list("id", flat=True):
        defer_once("payments.send_evidence", key=f"evidence:{dispute_id}", dispute_id=str(dispute_id))
    return len(ours)


def _fetch(provider_id: str) -> ProviderDispute | None:
    """Look at one dispute; one that the provider doesn't show waits for a person and stops no other."""
    try:
        return gateway().fetch_dispute(dispute_id=provider_id)
    except Refused as error:
        record_break(kind=BreakKind.DISPUTE_DIFFERS, subject=provider_id, ours="an open dispute", theirs=error.code)
        return None


def _apply_listed(answer: ProviderDispute, seen_at: datetime) -> None:
    """Apply a dispute of the list; one that contradicts our charge waits for a person and stops no other."""
    try:
        with transaction():
            apply_dispute(answer=answer, seen_at=seen_at)
    except Contradiction as error:
        theirs = f"{answer.status}, {answer.amount_cents} {answer.currency}"
        record_break(kind=BreakKind.DISPUTE_DIFFERS, subject=answer.id, ours=error.detail, theirs=theirs)
        return
    close_breaks(subject=answer.id)


def warn_of_deadlines() -> int:
    """Tell once of each dispute whose deadline is near and that has no evidence yet; returns of how many."""
    due = Dispute.objects.filter(
        state=DisputeState.NEEDS_RESPONSE, evidence_sent_at=None, warned_at=None, due_at__lt=now() + WARN_BEFORE
    )
    told = 0
    for dispute_id in list(due.values_list("id", flat=True)[:100]):
        with transaction():
            dispute = due.select_for_update(of=("self",)).select_related("payment").filter(id=dispute_id).first()
            if dispute is None:
                continue
            dispute.warned_at = now()
            dispute.save(update_fields=["warned_at"])
            raise_alert("dispute_due_soon", f"Evidence is due by {dispute.due_at}.", subject=str(dispute.id))
            publish(DisputeDueSoon(dispute_id=dispute.id, reference=dispute.payment.reference))
            told += 1
    return told
