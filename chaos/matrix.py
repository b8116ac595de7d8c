"""The fault matrix: which fault can strike which step, and which cells were visited.

Steps are those of one order's way, from the quote to reconciliation. A cell that can't exist is not listed; `ABSENT`
says why for whole kinds.
"""

from collections import Counter
from typing import Final

STEPS: Final = {
    1: "quote",
    2: "place order and key",
    3: "create intent",
    4: "save intent id",
    5: "client confirms",
    6: "webhook received",
    7: "event stored",
    8: "order paid, ledger, jobs",
    10: "preparation",
    11: "cancel",
    12: "refund call",
    13: "refund saved",
    14: "refund webhook",
    15: "reconcile",
}
Cell = tuple[int, str]

_DATABASE = ("restart", "deadlock", "serialization", "disk_full")
_PROVIDER_KEYED = ("fail_after", "html", "stored_500", "timeout", "cut:0", "cut:25", "cut:50", "cut:75")
_DELIVERY = ("double", "backwards", "lost", "late")
_CUTS = ("commit_before", "commit_after")

MATRIX: Final[dict[str, tuple[int, ...]]] = {
    "outage": (3, 8, 11, 12, 14, 15),
    "refuse_before": (3, 12, 15),
    **dict.fromkeys(_PROVIDER_KEYED, (3, 12)),
    "stored_before": (3, 11, 12),
    "rate_limit": (3, 8, 11, 12, 14, 15),
    "rate_limit_wait": (3, 8, 11, 12, 14, 15),
    **dict.fromkeys(("hang_up", "hang_up_after"), (3, 12)),
    "wrong_amount": (3, 8, 15),
    "key_expired": (3,),
    **dict.fromkeys(_DELIVERY, (7, 14)),
    "before_row": (7, 14),
    **dict.fromkeys(("forged", "old", "future", "other_secret", "unknown", "huge", "stranger"), (6,)),
    "crash_before_commit": (1, 2, 3, 4, 7, 8, 10, 11, 12, 13, 14, 15),
    "crash_after_commit": (1, 2, 3, 4, 7, 8, 10, 11, 12, 13, 14, 15),
    "crash_before_call": (3, 8, 11, 12, 14, 15),
    "crash_after_call": (4, 8, 11, 13, 14, 15),
    **dict.fromkeys(_DATABASE, (1, 2, 3, 4, 7, 8, 10, 11, 12, 13, 14, 15)),
    "full": (1, 2, 3, 7, 8, 10, 11, 12, 14, 15),
    **dict.fromkeys(_CUTS, (2, 8, 10, 11, 12, 13, 14, 15)),
    "skew": (6, 15),
    "jump": (2, 8, 10, 15),
    "again": (2, 3, 5, 11),
    "tabs": (2, 3, 5),
    "other_payload": (2,),
    "dearer": (2, 3),
    "paused": (2, 3),
    "sold_out": (2, 3),
    "cancel_meets_start": (10, 11),
    "two_cancel": (11,),
    "part_and_whole": (12,),
    "dispute": (12, 14),
    "paid_too_late": (8,),
    "two_at_once": (15,),
    "meets_webhook": (15,),
    "wrong_account": (6,),
}
ABSENT: Final = {
    "4, 13 full": "a command holds one connection: it is had, or refused, before the call (steps 3 and 12)",
    "9 push and e-mail": "what is to be said is queued by step 8's own commit, where I10 counts it; sending is a queue"
    " of its own with its own tests",
    "5 crash, database": "no code of ours runs while the card form talks to Stripe",
    "6 crash, database": "checking a signature writes nothing; storing the event is step 7",
    "1, 3, 4, 7 commit cut": "one autocommitted statement: no COMMIT to cut; `restart` ends the session there",
    "14 forged and the like": "refused by the same lines as in step 6, before it is known what a message is about",
    "12, 13 double tap": "a refund has no caller: the job runs by the row's own key, and `again` strikes the cancel",
}


def cells() -> list[Cell]:
    """Return every cell that must be visited."""
    return sorted((step, fault) for fault, steps in MATRIX.items() for step in steps)


class Coverage(Counter[Cell]):
    """Cells and how often they were visited; only faults that struck are counted."""

    def visit(self, step: int, fault: str) -> None:
        """Count a visit; a combination outside the matrix is not counted."""
        if step in MATRIX.get(fault, ()):
            self[step, fault] += 1

    def missing(self) -> list[Cell]:
        """Return the cells that were never visited."""
        return [cell for cell in cells() if not self[cell]]
