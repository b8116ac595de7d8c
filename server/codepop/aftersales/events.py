"""What making good tells those above it."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event


@dataclass(frozen=True)
class AmendsGranted(Event):
    """Money goes back, or drinks are made again; `kind` is `refund` or `remake`."""

    amends_id: UUID
    order_id: UUID
    store_id: UUID
    kind: str


@dataclass(frozen=True)
class AmendsWaiting(Event):
    """Above its asker's limit: a second person must decide."""

    amends_id: UUID
    order_id: UUID
    store_id: UUID
