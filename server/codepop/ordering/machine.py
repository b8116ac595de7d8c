"""The life of an order as a table: pure, and the source of the database's own rule (design section 4).

payment_pending -> paid -> queued -> preparing -> ready -> picked_up
"""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    PAYMENT_PENDING = "payment_pending"
    PAID = "paid"
    QUEUED = "queued"
    PREPARING = "preparing"
    READY = "ready"
    PICKED_UP = "picked_up"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    DISCARDED = "discarded"


class PickupMode(StrEnum):
    """How its person wants to fetch an order; may be chosen after paying."""

    UNDECIDED = ""
    NOW = "now"
    AT = "at"


class Move(StrEnum):
    """What can happen to an order."""

    PAY = "pay"
    EXPIRE = "expire"
    CANCEL = "cancel"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    START = "start"
    RETURN = "return"
    FINISH = "finish"
    PICK_UP = "pick_up"
    DISCARD = "discard"
    FAIL = "fail"


TABLE: Final[dict[tuple[Status, Move], Status]] = {
    (Status.PAYMENT_PENDING, Move.PAY): Status.PAID,
    (Status.PAYMENT_PENDING, Move.EXPIRE): Status.EXPIRED,
    (Status.PAYMENT_PENDING, Move.CANCEL): Status.CANCELLED,
    (Status.PAID, Move.RELEASE): Status.QUEUED,
    (Status.PAID, Move.CANCEL): Status.CANCELLED,
    (Status.QUEUED, Move.WITHDRAW): Status.PAID,
    (Status.QUEUED, Move.START): Status.PREPARING,
    (Status.QUEUED, Move.CANCEL): Status.CANCELLED,
    (Status.QUEUED, Move.FAIL): Status.FAILED,
    (Status.PREPARING, Move.FINISH): Status.READY,
    (Status.PREPARING, Move.RETURN): Status.QUEUED,
    (Status.PREPARING, Move.FAIL): Status.FAILED,
    (Status.READY, Move.PICK_UP): Status.PICKED_UP,
    (Status.READY, Move.DISCARD): Status.DISCARDED,
}

FIRST: Final = Status.PAYMENT_PENDING
FINAL: Final = frozenset(Status) - {status for status, _ in TABLE}
BEFORE_PREPARATION: Final = frozenset({Status.PAYMENT_PENDING, Status.PAID, Status.QUEUED})
NOT_MADE_YET: Final = BEFORE_PREPARATION | {Status.PREPARING}
PAID_FOR: Final = frozenset(Status) - {Status.PAYMENT_PENDING, Status.CANCELLED, Status.EXPIRED}
PAIRS: Final = sorted({(status.value, target.value) for (status, _), target in TABLE.items()})


def after(status: Status, move: Move) -> Status | None:
    """Return the status that the move leads to, or None when it is not allowed in this status."""
    return TABLE.get((status, move))
