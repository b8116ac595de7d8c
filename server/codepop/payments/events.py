"""What payments tells those above it. `reference` is what was paid for."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event


@dataclass(frozen=True)
class PaymentSucceeded(Event):
    """The provider confirms the charge, and it is in the ledger."""

    payment_id: UUID
    reference: UUID


@dataclass(frozen=True)
class PaymentFailed(Event):
    """A card was declined; another may be tried on the same payment."""

    payment_id: UUID
    reference: UUID
    code: str


@dataclass(frozen=True)
class PaymentNeedsAction(Event):
    """The person's bank wants to check something, or is still at it."""

    payment_id: UUID
    reference: UUID


@dataclass(frozen=True)
class PaymentCancelled(Event):
    """The provider will charge it no more: from now on it is certain that nothing was charged."""

    payment_id: UUID
    reference: UUID


@dataclass(frozen=True)
class CardTestingSuspected(Event):
    """Too many declines from one `kind` of source: payment, person, address or store; saving a card has no store."""

    alert_id: UUID
    kind: str
    store_id: UUID | None


@dataclass(frozen=True)
class DisputeOpened(Event):
    """The holder of a card disputes a charge; until `due_at` (RFC 3339, empty when there is none) we may answer."""

    dispute_id: UUID
    reference: UUID
    due_at: str


@dataclass(frozen=True)
class DisputeDueSoon(Event):
    """The deadline for evidence is near, and none was sent."""

    dispute_id: UUID
    reference: UUID


@dataclass(frozen=True)
class DisputeClosed(Event):
    """The bank has decided: `won`, `lost`, or `closed` when no money moved."""

    dispute_id: UUID
    reference: UUID
    outcome: str


@dataclass(frozen=True)
class RefundSettled(Event):
    """A refund reached its end (`succeeded`, `failed`), or a settled one came back (`failed`)."""

    refund_id: UUID
    reference: UUID
    status: str
