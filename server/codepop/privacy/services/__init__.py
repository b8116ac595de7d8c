"""What can be done about people's data: agree, export, erase, and let go on time."""

from codepop.privacy.services.consents import decide, record_consent
from codepop.privacy.services.erasure import (
    Progress,
    advance,
    advance_due,
    ask_erasure,
    order_erasure,
    reapply,
    withdraw_erasure,
)
from codepop.privacy.services.exports import ask_export, export_file, make_export, make_waiting_exports
from codepop.privacy.services.finding import Found, find, holders, known, unfinished
from codepop.privacy.services.retention import cut_all, rules
from codepop.privacy.services.tombstones import read_tombstones, stored_tombstones, write_tombstone

__all__ = [
    "Found",
    "Progress",
    "advance",
    "advance_due",
    "ask_erasure",
    "ask_export",
    "cut_all",
    "decide",
    "export_file",
    "find",
    "holders",
    "known",
    "make_export",
    "make_waiting_exports",
    "order_erasure",
    "read_tombstones",
    "reapply",
    "record_consent",
    "rules",
    "stored_tombstones",
    "unfinished",
    "withdraw_erasure",
    "write_tombstone",
]
