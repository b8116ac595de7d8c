"""A provider's messages, once they are proven to be its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from codepop.core.errors import AppError


class EventKind(StrEnum):
    """What a provider's message is about; `subject` of the event is the id of that thing."""

    INTENT = "intent"
    INTENT_REFUNDS = "intent_refunds"
    REFUND = "refund"
    DISPUTE = "dispute"
    SAVING = "saving"
    OTHER = "other"


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


class WebhookGateway(Protocol):
    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Check signature and age, then read the message; raises WebhookRefused."""

    def messages_not_sent_to(self, *, url: str) -> list[str]:
        """Return the names of the messages we need that no active endpoint at this address is subscribed to.

        All of them when the provider knows no endpoint there.
        """
