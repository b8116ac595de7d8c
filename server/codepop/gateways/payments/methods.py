"""Saved payment methods: what CodePop asks of a provider to keep a person's cards. We keep nothing but ids (PAY-09)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from codepop.gateways.errors import Refused
from codepop.gateways.payments.intents import Intent


class CustomerGone(Refused):
    """The provider does not know the customer (any more): it was deleted there, with all its methods."""


@dataclass(frozen=True)
class SavedMethod:
    """A card as its holder recognises it; `wallet` is `apple_pay`, `google_pay` or empty. Never stored by us."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    wallet: str


@dataclass(frozen=True)
class Saving:
    """A card about to be saved by the provider's own form. The secret lets its holder do so: never log it."""

    id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Saving({self.id})"


class MethodGateway(Protocol):
    def create_customer(self, *, payer_id: UUID, key: str) -> str:
        """Make a customer that carries our id and nothing of the person; returns its id."""

    def find_customer(self, *, payer_id: UUID, since: datetime) -> str | None:
        """Look for the customer of a payer by its metadata among those made after `since`."""

    def delete_customer(self, *, customer_id: str) -> None:
        """Delete the customer with all its methods; one that is gone already is fine."""

    def list_methods(self, *, customer_id: str) -> list[SavedMethod]: ...

    def detach_method(self, *, method_id: str, key: str) -> None:
        """Take a method from its customer for good; one that is gone already is fine."""

    def start_saving(self, *, customer_id: str, key: str) -> Saving:
        """Return with what the provider's own form saves a card without charging it."""

    def count_declines(self, *, saving_id: str) -> int:
        """Return how many cards were declined there since."""

    def cancel_saving(self, *, saving_id: str, key: str) -> None:
        """Have it take no more cards; one that is done, cancelled or gone already is fine."""

    def open_sheet(self, *, customer_id: str, key: str) -> str:
        """Return the short-lived secret with which a phone's payment sheet shows the customer's methods."""

    def attach_customer(self, *, intent_id: str, customer_id: str, save: bool, key: str) -> Intent:
        """Let a customer's methods pay an intent; with `save` the card that pays is kept for later."""

    def charge_saved(self, *, intent_id: str, method_id: str, key: str) -> Intent:
        """Charge a saved method while its holder is away. Raises Refused when it is declined."""
