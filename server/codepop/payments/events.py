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
class RefundSettled(Event):
    """A refund reached its end (`succeeded`, `failed`), or a settled one came back (`failed`)."""

    refund_id: UUID
    reference: UUID
    status: str
