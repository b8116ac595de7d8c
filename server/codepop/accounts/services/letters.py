"""Asking for mail about an account, and addresses that are asked for."""

from uuid import UUID

from allauth.account.models import EmailAddress

from codepop.accounts.events import AccountMailWanted, AddressConfirmed
from codepop.accounts.models import AddressWish
from codepop.accounts.selectors import unconfirmed_address
from codepop.core.db import lock, transaction
from codepop.core.encryption import cipher
from codepop.core.events import publish
from codepop.kit.clock import now
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


def note_wish(*, email_address_id: int) -> None:
    """Note that an account has just asked for this address, unless it is the one it was made with.

    An address that another change of the same account has just replaced leaves nothing to note.
    """
    asked = EmailAddress.objects.filter(id=email_address_id, primary=False, verified=False)
    with transaction():
        if lock(asked):
            AddressWish.objects.update_or_create(address_id=email_address_id, defaults={"asked_at": now()})


def forget_wishes(*, email: str) -> None:
    """Take an address from those who only wish for it: somebody signs up with it, or has confirmed it."""
    EmailAddress.objects.filter(email=email, verified=False, wish__isnull=False).delete()


def confirm_address(*, email_address_id: int) -> None:
    """Tell the features above that a person reads mail to this address."""
    with transaction():
        publish(AddressConfirmed(email_address_id=email_address_id))
