"""All that CodePop says, in one table: how urgent each message is, and whether a person may decline it. Pure."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Urgency(IntEnum):
    """Lower numbers are sent first; while mail is scarce the rest waits."""

    ACCOUNT = 0
    RECEIPT = 1
    ORDER = 2
    BULK = 3


class Channel(StrEnum):
    MAIL = "mail"
    IN_APP = "in_app"


class Category(StrEnum):
    """What a person decides about. `TRANSACTION` is never asked: without it an account or a purchase does not work."""

    TRANSACTION = "transaction"
    ORDER_EVENTS = "order_events"
    NEWS = "news"


class Flaw(StrEnum):
    """Why an address is not written to: mail to it comes back, or its owner called ours spam."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


OPTIONAL: Final = (Category.ORDER_EVENTS, Category.NEWS)
CHANNELS: Final = (Channel.MAIL, Channel.IN_APP)
NEWS_BY_MAIL: Final = (Category.NEWS, Channel.MAIL)
"""A consent, kept with the others by `privacy`."""
DEFAULTS: Final[dict[tuple[Category, Channel], bool]] = {
    (Category.ORDER_EVENTS, Channel.MAIL): False,
    (Category.ORDER_EVENTS, Channel.IN_APP): True,
    (Category.NEWS, Channel.MAIL): False,
    (Category.NEWS, Channel.IN_APP): False,
}
"""What holds until a person has said something: news only by consent (MAIL-10)."""


class Kind(StrEnum):
    """What a message is about; the letter of each is in `letters`."""

    VERIFY_ADDRESS = "verify_address"
    ACCOUNT_EXISTS = "account_exists"
    NO_ACCOUNT = "no_account"
    RESET_PASSWORD = "reset_password"
    PASSWORD_CHANGED = "password_changed"
    ADDRESS_CHANGE_ASKED = "address_change_asked"
    ADDRESS_CHANGED = "address_changed"
    SECURITY_CHANGED = "security_changed"
    EXPORT_READY = "export_ready"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_BEGUN = "erasure_begun"
    STAFF_INVITED = "staff_invited"
    ACCOUNT_LOCKED = "account_locked"
    RECEIPT = "receipt"
    REFUNDED = "refunded"
    REFUND_RETURNED = "refund_returned"
    READY = "ready"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_DUE = "dispute_due"
    CARD_TESTING = "card_testing"
    AMENDS_WAITING = "amends_waiting"
    NEWS = "news"


@dataclass(frozen=True)
class Rule:
    urgency: Urgency
    category: Category = Category.TRANSACTION


_ACCOUNT = Rule(Urgency.ACCOUNT)
RULES: Final[dict[Kind, Rule]] = {
    Kind.VERIFY_ADDRESS: _ACCOUNT,
    Kind.ACCOUNT_EXISTS: _ACCOUNT,
    Kind.NO_ACCOUNT: _ACCOUNT,
    Kind.RESET_PASSWORD: _ACCOUNT,
    Kind.PASSWORD_CHANGED: _ACCOUNT,
    Kind.ADDRESS_CHANGE_ASKED: _ACCOUNT,
    Kind.ADDRESS_CHANGED: _ACCOUNT,
    Kind.SECURITY_CHANGED: _ACCOUNT,
    Kind.EXPORT_READY: _ACCOUNT,
    Kind.ERASURE_ASKED: _ACCOUNT,
    Kind.ERASURE_BEGUN: _ACCOUNT,
    Kind.STAFF_INVITED: _ACCOUNT,
    Kind.ACCOUNT_LOCKED: _ACCOUNT,
    Kind.RECEIPT: Rule(Urgency.RECEIPT),
    Kind.REFUNDED: Rule(Urgency.RECEIPT),
    Kind.REFUND_RETURNED: Rule(Urgency.RECEIPT),
    Kind.READY: Rule(Urgency.ORDER, Category.ORDER_EVENTS),
    Kind.DISPUTE_OPENED: Rule(Urgency.RECEIPT),
    Kind.DISPUTE_DUE: Rule(Urgency.RECEIPT),
    Kind.CARD_TESTING: Rule(Urgency.RECEIPT),
    Kind.AMENDS_WAITING: Rule(Urgency.RECEIPT),
    Kind.NEWS: Rule(Urgency.BULK, Category.NEWS),
}
