"""What happens to accounts, for the features above."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event


@dataclass(frozen=True)
class AccountMailWanted(Event):
    """A mail about an account is due. `kind` names the letter; `key` is new for each wish.

    The address is looked up when the mail is sent. Only for somebody without an account, or for an address that was
    just replaced, it comes along, encrypted.
    """

    key: str
    kind: str
    user_id: UUID | None
    email_address_id: int | None
    sealed_address: str


@dataclass(frozen=True)
class AddressConfirmed(Event):
    """A person followed the link in a mail to this address."""

    email_address_id: int
