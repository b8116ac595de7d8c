"""What CodePop changes about allauth: mails are wishes for the queue, links lead to the app, factors are encrypted."""

import secrets
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from codepop.accounts.apps import SECOND_FACTORS
from codepop.accounts.models import EMAIL_MAX_LENGTH, User
from codepop.accounts.selectors import user_by_email
from codepop.accounts.services import (
    confirm_address,
    count_try,
    forget_wishes,
    note_wish,
    record_own_change,
    take_back_try,
    tell_of_lock,
    want_mail,
)
from codepop.core.card_guard import HINT
from codepop.core.encryption import cipher
from codepop.core.errors import Busy
from codepop.core.log import get_logger
from codepop.kit.card_numbers import holds_one

log = get_logger(__name__)

_KINDS: Final[dict[str, str]] = {
    "account/email/unknown_account": "no_account",
    "account/email/account_already_exists": "account_exists",
    "account/email/email_changed": "address_changed",
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_changed",
    "account/email/password_set": "password_changed",
}
"""allauth's template -> our kind of letter; any other note of its tells that the way of signing in was changed."""
_OTHERS: Final = "security_changed"
_SIGN_UP: Final = "/auth/signup"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts by e-mail address. Nothing is sent here: mail that is away never stops a sign-up (C33)."""

    def clean_email(self, email: str) -> str:
        """Refuse an address whose ciphertext would not fit its column, that SMTP can't carry, or with a card number.

        Who signs up with an address is not held up by an account that only wishes for it.
        """
        if len(email) > EMAIL_MAX_LENGTH:
            raise ValidationError(f"Use an address of at most {EMAIL_MAX_LENGTH} characters.")
        if holds_one(email):
            raise ValidationError(HINT)
        if not email.rpartition("@")[0].isascii():
            raise ValidationError("Use an address without accents before the @.")
        address = str(super().clean_email(email)).lower()
        if self.request is not None and self.request.path.endswith(_SIGN_UP):
            forget_wishes(email=address)
        return address

    def populate_username(self, request: Any, user: Any) -> None:
        """Our users have no user name."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Judge a password, unless too many were wrong at this account or from this network (raises ValidationError).

        The owner is told by mail when their account gets locked.
        """
        email, network = str(credentials.get("email", "")), get_ip(request)
        try:
            verdict = count_try(email=email, network=network)
            if not verdict.allowed:
                raise self.validation_error("too_many_login_attempts")
            user = super().authenticate(request, **credentials)
            if user is not None:
                take_back_try(email=email, network=network, verdict=verdict)
        except Busy:  # the same account is being tried many times at this moment
            raise self.validation_error("too_many_login_attempts") from None
        if user is None:
            log.info("password_refused", known=user_by_email(email) is not None)
        if user is None and verdict.newly_locked and (owner := user_by_email(email)):
            tell_of_lock(user_id=owner.id)
        return user if isinstance(user, User) else None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth's own limit on passwords gives way to ours, which outlives a cache and can be lifted by an admin."""

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark the address as its owner's, and tell the features above."""
        changes = not email_address.primary
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            if changes:
                record_own_change("account.address", email_address.user_id)
            confirm_address(email_address_id=email_address.pk)
            forget_wishes(email=email_address.email)
        return confirmed

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Ask the new address; when it replaces one that works, tell that one too."""
        row = emailconfirmation.email_address
        note_wish(email_address_id=row.pk)
        want_mail(kind="verify_address", user_id=row.user_id, email_address_id=row.pk)
        if not signup and EmailAddress.objects.filter(user_id=row.user_id, verified=True).exists():
            want_mail(kind="address_change_asked", user_id=row.user_id)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Queue the mail; its link is made when it is sent."""
        want_mail(kind="reset_password", user_id=user.id)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner; hash a password as a real sign-up does, so that the time taken tells nobody else."""
        make_password(secrets.token_urlsafe(16))
        self.send_mail("account/email/account_already_exists", email, {})

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person what changed on their account; at the address that was replaced, when it is one."""
        kind = _KINDS.get(template_prefix, _OTHERS)
        want_mail(kind=kind, user_id=user.id, address=email or "")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue any other mail of allauth's by address: it may belong to nobody."""
        want_mail(kind=_KINDS.get(template_prefix, _OTHERS), address=email)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Second factors, with their secrets under our keys."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the shop in the browser's question about a passkey; it belongs to the host that the page came from."""
        return {**super().get_public_key_credential_rp_entity(), "name": "CodePop"}

    def encrypt(self, text: str) -> str:
        """Encrypt a TOTP secret or recovery seed for the database."""
        return cipher().seal(text, purpose=SECOND_FACTORS)

    def decrypt(self, encrypted_text: str) -> str:
        """Read it back."""
        return cipher().open(encrypted_text, purpose=SECOND_FACTORS)
