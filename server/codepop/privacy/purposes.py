"""What personal data are used for, in one table: why we may, and which of it a person decides about (DB-16, D16). Pure.

A purpose has a version of its own. When what is done, or with which data, changes in a way that people must agree to
again, raise the version here and add a notice (`notices.py`): until a person says yes to the new one, it is a no.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    ORDERS = "orders"
    ACCOUNT = "account"
    BOOKS = "books"
    SAFETY = "safety"
    NEWS_MAIL = "news_mail"
    RECOMMENDATIONS = "recommendations"
    ALLERGIES = "allergies"
    LOCATION = "location"
    PUSH = "push"


class Basis(StrEnum):
    """Why it is lawful (GDPR article 6; for allergies article 9)."""

    CONTRACT = "contract"
    LAW = "law"
    INTEREST = "legitimate_interest"
    CONSENT = "consent"


@dataclass(frozen=True)
class PurposeRule:
    title: str
    says: str
    basis: Basis
    version: int = 1


PURPOSES: Final[dict[Purpose, PurposeRule]] = {
    Purpose.ORDERS: PurposeRule(
        "Your orders", "To make your drinks, take your payment and send your receipt.", Basis.CONTRACT
    ),
    Purpose.ACCOUNT: PurposeRule("Your account", "To sign you in and keep what you saved.", Basis.CONTRACT),
    Purpose.BOOKS: PurposeRule(
        "Our books", "Tax law wants amounts kept for seven years; after an erasure without your name.", Basis.LAW
    ),
    Purpose.SAFETY: PurposeRule(
        "Against fraud", "To stop stolen cards and guessed passwords, with marks that live a day.", Basis.INTEREST
    ),
    Purpose.NEWS_MAIL: PurposeRule("News by e-mail", "New drinks and what the season brings.", Basis.CONSENT),
    Purpose.RECOMMENDATIONS: PurposeRule(
        "Recommendations", "To suggest drinks from what you ordered and told us you like.", Basis.CONSENT
    ),
    Purpose.ALLERGIES: PurposeRule(
        "Allergies and diet", "To warn you of what you can’t have. Stored encrypted, never used for ads.", Basis.CONSENT
    ),
    Purpose.LOCATION: PurposeRule(
        "Location for one order", "To have your drinks ready as you arrive. Deleted at pickup.", Basis.CONSENT
    ),
    Purpose.PUSH: PurposeRule("Push messages", "To tell your phone that your drinks are ready.", Basis.CONSENT),
}

OPTIONAL: Final = tuple(purpose for purpose, rule in PURPOSES.items() if rule.basis == Basis.CONSENT)
"""What a person decides about. All of it is no until they said yes; nothing else depends on it."""
