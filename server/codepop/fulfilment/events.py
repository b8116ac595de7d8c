"""What fulfilment announces."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event


@dataclass(frozen=True, kw_only=True)
class DrinkMakingFailed(Event):
    """A robot could not finish an order; it was put back into the queue, or failed for good."""

    order_id: UUID
    store_id: UUID
    robot_id: UUID
    reason: str
    remade: bool


@dataclass(frozen=True, kw_only=True)
class DoorOverdue(Event):
    """A drink was not fetched in time and its door has to be emptied."""

    order_id: UUID
    store_id: UUID
    door_number: int
