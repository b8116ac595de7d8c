"""Disputes: the holder of a card asks the bank for the money back, and we may answer with evidence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DisputeStatus(StrEnum):
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    """An inquiry that ended, or a dispute that was prevented: no money moved."""


@dataclass(frozen=True)
class FundsMovement:
    """What a dispute moved on the provider's balance: negative is taken from us. `fee_cents` is taken besides."""

    id: str
    amount_cents: int
    fee_cents: int


@dataclass(frozen=True)
class ProviderDispute:
    """The provider's present view of a dispute; an inquiry asks first and takes nothing yet."""

    id: str
    intent_id: str
    status: DisputeStatus
    inquiry: bool
    reason: str
    amount_cents: int
    currency: str
    opened_at: datetime
    due_at: datetime | None
    submissions: int
    movements: tuple[FundsMovement, ...]


@dataclass(frozen=True)
class Evidence:
    """What we know of a disputed order, in texts; nothing about the person beyond what the bank has already."""

    product: str
    served_on: str
    activity: str
    refund_policy: str
    refusal: str
    summary: str


class DisputeGateway(Protocol):
    def list_disputes(self, *, since: datetime) -> list[ProviderDispute]:
        """Return the disputes opened since then."""

    def fetch_dispute(self, *, dispute_id: str) -> ProviderDispute: ...

    def submit_evidence(self, *, dispute_id: str, evidence: Evidence, key: str) -> ProviderDispute:
        """Send the evidence to the bank: this can be done once, and ends our say."""
