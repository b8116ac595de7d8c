"""A charge as the provider sees it right now: for support and disputes, read and never stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class ProviderCharge:
    """The provider's present view of one charge. Of the card only its brand and last four digits."""

    id: str
    intent_id: str
    status: str
    amount_cents: int
    refunded_cents: int
    fee_cents: int | None
    """What the provider keeps; None until it is settled."""
    currency: str
    disputed: bool
    card_brand: str
    card_last4: str
    wallet: str
    outcome: str
    """The provider's own words on why it went so."""
    risk: str
    created_at: datetime


class ChargeGateway(Protocol):
    def fetch_charge(self, *, charge_id: str) -> ProviderCharge: ...
