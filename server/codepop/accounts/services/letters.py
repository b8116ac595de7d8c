"""Asking for mail about an account."""

from uuid import UUID

from codepop.accounts.events import AccountMailWanted, AddressConfirmed
from codepop.accounts.selectors import unconfirmed_address
from codepop.core.db import transaction
from codepop.core.encryption import cipher
from codepop.core.events import publish
from codepop.kit.ids import uuid7


def want_mail(
    *, kind: str, user_id: UUID | None = None, email_address_id: int | None = None, address: str = ""
) -> None:
    """Ask for a mail about an account, to its address or, without an account, to the one given."""
    with transaction():
        publish(
            AccountMailWanted(
                key=f"account:{uuid7()}",
                kind=kind,
                user_id=user_id,
                email_address_id=email_address_id,
                sealed_address=cipher().seal(address, purpose="mail.address") if address else "",
            )
        )


def resend_verification(*, email: str) -> None:
    """Ask once more for the mail that confirms an address; for one that needs none, do nothing and say nothing."""
    row = unconfirmed_address(email)
    if row is not None:
        want_mail(kind="verify_address", user_id=row.user_id, email_address_id=row.id)


def confirm_address(*, email_address_id: int) -> None:
    """Tell the features above that a person reads mail to this address."""
    with transaction():
        publish(AddressConfirmed(email_address_id=email_address_id))
