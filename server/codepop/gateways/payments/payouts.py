"""Payouts: what the provider pays to our bank, and the single movements each one is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from codepop.gateways.payments.listings import Page


@dataclass(frozen=True)
class ProviderPayout:
    """A payout; its amount is negative when the provider takes money from our bank."""

    id: str
    status: str
    amount_cents: int
    currency: str
    arrives_on: date
    created_at: datetime


@dataclass(frozen=True)
class PayoutMovement:
    """One movement of the balance. `source` is the id of the charge, refund or dispute it comes from."""

    id: str
    kind: str
    source: str
    amount_cents: int
    fee_cents: int
    net_cents: int
    currency: str
    created_at: datetime


class PayoutGateway(Protocol):
    def page_of_movements(
        self, *, since: datetime | None = None, until: datetime | None = None, source: str = "", after: str = ""
    ) -> Page[PayoutMovement]:
        """Return what moved on the balance in a span, or for one charge, refund or dispute, without payouts."""

    def list_payouts(self, *, since: datetime) -> list[ProviderPayout]: ...

    def list_payout_movements(self, *, payout_id: str) -> list[PayoutMovement]:
        """Return what a payout is made of, without the payout's own line."""
