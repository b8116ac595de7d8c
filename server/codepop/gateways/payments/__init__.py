"""What CodePop needs of a payment provider, in CodePop's words.

Amounts are integers in the currency's minor unit. Every command takes a `key`: the same key never has a second
effect at the provider. Commands raise `Unavailable`, `Refused` or `Unknown`; queries only the first two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from codepop.core.errors import AppError
from codepop.gateways.errors import GatewayError, Refused, Unavailable, Unknown

__all__ = [
    "EventKind",
    "GatewayError",
    "Intent",
    "IntentRequest",
    "IntentStatus",
    "PaymentGateway",
    "ProviderEvent",
    "ProviderRefund",
    "ProviderRefundStatus",
    "Refused",
    "Unavailable",
    "Unknown",
    "WebhookRefused",
]


class IntentStatus(StrEnum):
    """Where an attempt to charge stands."""

    REQUIRES_METHOD = "requires_method"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"


class ProviderRefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class EventKind(StrEnum):
    """What a provider's message is about; `subject` of the event is the id of that thing."""

    INTENT = "intent"
    INTENT_REFUNDS = "intent_refunds"
    REFUND = "refund"
    DISPUTE = "dispute"
    OTHER = "other"


@dataclass(frozen=True)
class IntentRequest:
    """A charge to ask for. `payment_id` and `reference` are stored at the provider and found again by look-up."""

    payment_id: UUID
    reference: UUID
    amount_cents: int
    currency: str
    description: str
    statement_suffix: str


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

    def __repr__(self) -> str:
        return f"Intent({self.id}, {self.status}, {self.amount_cents} {self.currency})"


@dataclass(frozen=True)
class ProviderRefund:
    """The provider's present view of a refund; `refund_id` is ours, when it was asked by us."""

    id: str
    intent_id: str
    refund_id: UUID | None
    status: ProviderRefundStatus
    amount_cents: int
    currency: str
    failure_code: str


@dataclass(frozen=True)
class ProviderEvent:
    """A verified message. It only says what to look at: the state is fetched."""

    id: str
    name: str
    kind: EventKind
    subject: str
    happened_at: datetime


class WebhookRefused(AppError):
    """The message is not proven to come from the provider, or is not a message at all."""

    code = "webhook_refused"
    http_status = 400
    message = "The signature of this message is not valid."


class PaymentGateway(Protocol):
    def create_intent(self, *, request: IntentRequest, key: str) -> Intent: ...

    def fetch_intent(self, *, intent_id: str) -> Intent: ...

    def find_intent(self, *, payment_id: UUID, since: datetime) -> Intent | None:
        """Look for the intent of a payment by its metadata among those made after `since`."""

    def cancel_intent(self, *, intent_id: str, key: str) -> Intent:
        """Cancel, or return the intent as it is when it can't be cancelled any more."""

    def refund(self, *, intent_id: str, refund_id: UUID, amount_cents: int, key: str) -> ProviderRefund: ...

    def fetch_refund(self, *, provider_refund_id: str) -> ProviderRefund: ...

    def list_refunds(self, *, intent_id: str) -> list[ProviderRefund]: ...

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Check signature and age, then read the message; raises WebhookRefused."""
