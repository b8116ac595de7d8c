"""What CodePop changes about allauth: where its links lead, and that second-factor secrets are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError

from codepop.accounts.models import EMAIL_MAX_LENGTH
from codepop.core.encryption import cipher

_PURPOSE = "mfa"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts by e-mail address."""

    def clean_email(self, email: str) -> str:
        """Refuse an address whose ciphertext would not fit its column."""
        if len(email) > EMAIL_MAX_LENGTH:
            raise ValidationError(f"Use an address of at most {EMAIL_MAX_LENGTH} characters.")
        return str(super().clean_email(email)).lower()

    def populate_username(self, request: Any, user: Any) -> None:
        """Our users have no user name."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Second factors, with their secrets under our keys."""

    def encrypt(self, text: str) -> str:
        """Encrypt a TOTP secret or recovery seed for the database."""
        return cipher().seal(text, purpose=_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Read it back."""
        return cipher().open(encrypted_text, purpose=_PURPOSE)
