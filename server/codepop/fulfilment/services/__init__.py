"""What can be done in fulfilment; each name is one command."""

from codepop.fulfilment.services.claim import claim_work
from codepop.fulfilment.services.commands import fetch_commands, fetch_store
from codepop.fulfilment.services.expiry import discard_overdue
from codepop.fulfilment.services.failure import fail_silent_robots, refund_stranded_orders
from codepop.fulfilment.services.opening import OpenDoor, open_at_keypad, request_open
from codepop.fulfilment.services.queue import enqueue, withdraw
from codepop.fulfilment.services.reports import Accepted, accept_reports

__all__ = [
    "Accepted",
    "OpenDoor",
    "accept_reports",
    "claim_work",
    "discard_overdue",
    "enqueue",
    "fail_silent_robots",
    "fetch_commands",
    "fetch_store",
    "open_at_keypad",
    "refund_stranded_orders",
    "request_open",
    "withdraw",
]
