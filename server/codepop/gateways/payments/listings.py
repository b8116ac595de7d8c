"""What a payment provider lists of a span of time, page by page: for comparing its books with ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from codepop.gateways.payments.intents import Intent
from codepop.gateways.payments.refunds import ProviderRefund
from codepop.gateways.payments.webhooks import ProviderEvent

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list, newest first; `after` continues it and is empty at its end."""

    items: Sequence[T]
    after: str


class ListingGateway(Protocol):
    def page_of_intents(self, *, since: datetime, until: datetime, after: str = "") -> Page[Intent]: ...

    def page_of_refunds(self, *, since: datetime, until: datetime, after: str = "") -> Page[ProviderRefund]: ...

    def undelivered_events(self, *, since: datetime) -> list[ProviderEvent]:
        """Return messages that no endpoint of ours has taken yet."""
