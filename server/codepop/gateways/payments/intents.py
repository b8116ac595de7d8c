"""Charges: what CodePop asks of a provider to take money."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class IntentStatus(StrEnum):
    """Where an attempt to charge stands."""

    REQUIRES_METHOD = "requires_method"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class IntentRequest:
    """A charge to ask for. `payment_id` and `reference` are stored at the provider and found again by look-up.

    `customer_id` is the provider's own id of a person with saved cards, or empty.
    """

    payment_id: UUID
    reference: UUID
    amount_cents: int
    currency: str
    description: str
    statement_suffix: str
    customer_id: str = ""


@dataclass(frozen=True)
class Intent:
    """The provider's present view of a charge. `client_secret` lets its holder pay it: never log it."""

    id: str
    status: IntentStatus
    amount_cents: int
    captured_cents: int
    currency: str
    payment_id: UUID | None
    client_secret: str
    last_charge_id: str
    failure_code: str
    failure_message: str
    declines: int = 0
    """How many cards were declined there, at most a hundred; only a look counts them, and 0 also says: not counted."""

    def __repr__(self) -> str:
        return f"Intent({self.id}, {self.status}, {self.amount_cents} {self.currency})"


class IntentGateway(Protocol):
    def create_intent(self, *, request: IntentRequest, key: str) -> Intent: ...

    def fetch_intent(self, *, intent_id: str) -> Intent:
        """Look at an intent, with its declines counted."""

    def find_intent(self, *, payment_id: UUID, since: datetime) -> Intent | None:
        """Look for the intent of a payment by its metadata among those made after `since`; its declines are counted."""

    def cancel_intent(self, *, intent_id: str, key: str) -> Intent:
        """Cancel, or return the intent as it is when it can't be cancelled any more."""
