"""What happened to a store's stock, as far as people must know."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event


@dataclass(frozen=True, kw_only=True)
class StockChanged(Event):
    """Staff or a delivery changed the levels of a store; sales do not publish this."""

    store_id: UUID
