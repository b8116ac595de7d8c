"""Links that prove whose mailbox they were read in. They hold for 24 hours, once, and for one account only.

Made when a mail is sent and kept nowhere: the first is signed, the second bound to the account's present password,
addresses and last sign-in, so that using it, or changing any of these, ends it.
"""

from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings

from codepop.accounts.models import User
from codepop.accounts.selectors import email_address


def verification_link(email_address_id: int) -> str:
    """Return the app's path that confirms an address; raises EmailAddress.DoesNotExist."""
    key = EmailConfirmationHMAC(email_address(email_address_id)).key
    return str(settings.HEADLESS_FRONTEND_URLS["account_confirm_email"]).format(key=key)


def reset_link(user_id: UUID) -> str:
    """Return the app's path that lets a person choose a new password; raises User.DoesNotExist."""
    user = User.objects.get(id=user_id)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return str(settings.HEADLESS_FRONTEND_URLS["account_reset_password_from_key"]).format(key=key)
