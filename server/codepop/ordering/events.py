"""What happens to orders, for the features above."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """Stored, its stock reserved, not yet paid."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderPayable(Event):
    """The payment provider is back after an outage: its person can pay now."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderPaid(Event):
    """The provider confirms the charge."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderReleased(Event):
    """Into the queue of its store's robots, for about `make_seconds` of work."""

    order_id: UUID
    store_id: UUID
    make_seconds: int


@dataclass(frozen=True)
class OrderWithdrawn(Event):
    """Out of the robots' queue again, since its person chose a later time; it will be released once more."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderCancelled(Event):
    """Cancelled before preparation; what was charged goes back."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderExpired(Event):
    """Not paid in time; its payment can't succeed any more."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderReady(Event):
    """Behind its door."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderPickedUp(Event):
    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderFailed(Event):
    """Our machines could not make it; what was charged goes back."""

    order_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class OrderDiscarded(Event):
    """Made, not fetched in time, thrown away."""

    order_id: UUID
    store_id: UUID
