"""What of money needs a person: disputes to answer, refunds that failed, sources that were stopped."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from codepop.gateways.payments import Evidence
from codepop.kit.clock import now
from codepop.payments.models import OPEN_DISPUTES, Dispute, DisputeState, GuardAlert, GuardKind, Refund, RefundStatus

SHOWN = 100
FAILED_SHOWN_FOR = timedelta(days=90)


@dataclass(frozen=True)
class DisputeView:
    """A dispute for staff; `evidence` is "", "sending", "sent" or "refused"."""

    id: UUID
    provider_id: str
    payment_id: UUID
    order_id: UUID
    store_id: UUID
    state: str
    state_text: str
    inquiry: bool
    reason: str
    amount_cents: int
    currency: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    evidence: str
    evidence_at: datetime | None
    """When it was sent, or asked to be."""
    evidence_problem: str

    @property
    def answerable(self) -> bool:
        """Say whether evidence can still be sent."""
        in_time = self.due_at is None or self.due_at > now()
        return self.state == DisputeState.NEEDS_RESPONSE and self.evidence in ("", "refused") and in_time


@dataclass(frozen=True)
class FailedRefund:
    """A refund that the provider could not carry out."""

    payment_id: UUID
    store_id: UUID
    amount_cents: int
    currency: str
    failure_code: str
    settled_at: datetime | None


@dataclass(frozen=True)
class StoppedSource:
    """Somebody who tried too many cards; who it is isn't stored."""

    id: UUID
    store_id: UUID | None
    """None for cards that were only to be saved: the whole chain's matter."""
    kind: str
    declines: int
    first_at: datetime
    last_at: datetime
    stopped: bool


def disputes(store_ids: Iterable[UUID], *, open_only: bool = False) -> list[DisputeView]:
    """Return the stores' disputes, those that are due soonest first, then the latest that ended."""
    rows = Dispute.objects.filter(payment__store_id__in=list(store_ids)).select_related("payment")
    waiting = [_dispute(row) for row in rows.filter(state__in=OPEN_DISPUTES).order_by("due_at")[:SHOWN]]
    if open_only:
        return waiting
    return waiting + [_dispute(row) for row in rows.exclude(state__in=OPEN_DISPUTES).order_by("-closed_at")[:SHOWN]]


def find_dispute(dispute_id: UUID) -> DisputeView | None:
    """Return one dispute."""
    row = Dispute.objects.select_related("payment").filter(id=dispute_id).first()
    return _dispute(row) if row else None


def fixed_evidence(dispute_id: UUID) -> Evidence | None:
    """Return the evidence as it was, or is being, sent; None before, and for what was sent by hand at the provider."""
    row = Dispute.objects.filter(id=dispute_id).first()
    return Evidence(**json.loads(row.evidence)) if row and row.evidence else None


def _dispute(row: Dispute) -> DisputeView:
    sending = "sending" if row.evidence_asked_at else ""
    return DisputeView(
        id=row.id,
        provider_id=row.provider_dispute_id,
        payment_id=row.payment_id,
        order_id=row.payment.reference,
        store_id=row.payment.store_id,
        state=row.state,
        state_text=str(DisputeState(row.state).label),
        inquiry=row.inquiry,
        reason=row.reason.replace("_", " "),
        amount_cents=row.amount_cents,
        currency=row.payment.currency,
        opened_at=row.opened_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        evidence="sent" if row.evidence_sent_at else ("refused" if row.evidence_problem else sending),
        evidence_at=row.evidence_sent_at or row.evidence_asked_at,
        evidence_problem=row.evidence_problem,
    )


def failed_refunds(store_ids: Iterable[UUID]) -> list[FailedRefund]:
    """Return the stores' refunds that failed lately, newest first."""
    rows = Refund.objects.filter(
        status=RefundStatus.FAILED, payment__store_id__in=list(store_ids), created_at__gt=now() - FAILED_SHOWN_FOR
    )
    return [
        FailedRefund(
            payment_id=row.payment_id,
            store_id=row.payment.store_id,
            amount_cents=row.amount_cents,
            currency=row.payment.currency,
            failure_code=row.failure_code,
            settled_at=row.settled_at,
        )
        for row in rows.select_related("payment").order_by("-id")[:SHOWN]
    ]


def stopped_sources(store_ids: Iterable[UUID], *, chain: bool) -> list[StoppedSource]:
    """Return alerts of card testing that nobody has looked at, newest first; with `chain` those of no store, too."""
    where = Q(store_id__in=list(store_ids)) | (Q(store_id=None) if chain else Q(pk__in=[]))
    rows = GuardAlert.objects.filter(where, seen_at=None).order_by("-last_at")[:SHOWN]
    return [
        StoppedSource(
            id=row.id,
            store_id=row.store_id,
            kind=str(GuardKind(row.kind).label),
            declines=row.declines,
            first_at=row.first_at,
            last_at=row.last_at,
            stopped=row.until > now(),
        )
        for row in rows
    ]


def find_alert(alert_id: UUID) -> tuple[UUID, UUID | None] | None:
    """Return an alert's id with the store at which its source was stopped, if any."""
    return GuardAlert.objects.filter(id=alert_id).values_list("id", "store_id").first()
