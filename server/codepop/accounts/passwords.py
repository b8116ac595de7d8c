"""What a password must be: long, not common, not the address, and of more than one kind of sign unless it is long."""

from typing import Final

from django.core.exceptions import ValidationError

LONG: Final = 15
"""From here on one kind of sign is enough: several words are stronger than a short mixture (NIST SP 800-63B)."""


OUR_WORDS: Final = ("codepop",)
"""What somebody who knows where they are signing up would try first."""


class OurWordsValidator:
    """Refuse a password that is our own name with something small around it."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError when less than eight signs are left without our words."""
        left = password.lower()
        for word in OUR_WORDS:
            left = left.replace(word, "")
        if left != password.lower() and len(left) < 8:
            raise ValidationError(self.get_help_text(), code="password_our_words")

    def get_help_text(self) -> str:
        """Say the rule to a person."""
        return "Our own name is the first thing that others would try. Use something else, or more besides it."


class MixedPasswordValidator:
    """Refuse a short password of one kind of sign only (DOM-25: at least 8, mixed)."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError unless two of lower case, capitals, digits and other signs occur, or it is long."""
        if len(password) < LONG and len({_kind(sign) for sign in password}) < 2:
            raise ValidationError(self.get_help_text(), code="password_not_mixed")

    def get_help_text(self) -> str:
        """Say the rule to a person."""
        return (
            f"Mix small letters, capitals, digits or other signs (two kinds are enough), or use {LONG} signs or more."
        )


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    if not sign.isalpha():
        return "other"
    return "capital" if sign.isupper() else "small"
