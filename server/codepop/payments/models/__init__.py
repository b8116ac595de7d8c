"""What we asked the payment provider for, what it answered, and the books.

Amounts are integers in the currency's minor unit. The provider's own book is the truth; a payment's state only
ever comes from there. The ledger is double entry and append-only: the database refuses to change it, and refuses
entries that do not balance.
"""

from codepop.payments.models.books import Account, LedgerEntry, LedgerKind, LedgerTransaction, Payout, PayoutLine
from codepop.payments.models.charges import (
    FINAL_STATUSES,
    OPEN_DISPUTES,
    Dispute,
    DisputeState,
    Payer,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from codepop.payments.models.guard import GuardAlert, GuardKind, GuardMark
from codepop.payments.models.reconciliation import BreakKind, ReconciliationBreak, ReconciliationCursor

__all__ = [
    "FINAL_STATUSES",
    "OPEN_DISPUTES",
    "Account",
    "BreakKind",
    "Dispute",
    "DisputeState",
    "GuardAlert",
    "GuardKind",
    "GuardMark",
    "LedgerEntry",
    "LedgerKind",
    "LedgerTransaction",
    "Payer",
    "Payment",
    "PaymentStatus",
    "Payout",
    "PayoutLine",
    "ReconciliationBreak",
    "ReconciliationCursor",
    "Refund",
    "RefundStatus",
]
