"""What can be done with money. Each command that reaches the provider is three steps: record, call, record."""

from codepop.payments.services.breaks import resolve_break
from codepop.payments.services.charges import charge_now
from codepop.payments.services.customers import known_customer
from codepop.payments.services.disputes import (
    ask_for_evidence,
    look_at_disputes,
    send_evidence,
    warn_of_deadlines,
)
from codepop.payments.services.guard import (
    acknowledge_alert,
    admit_payer,
    cancel_old_savings,
    cancel_saving,
    forget_payers,
)
from codepop.payments.services.inbox import receive_webhook, take_message, take_messages
from codepop.payments.services.intents import (
    Charge,
    cancel_intent,
    cancel_open_intent,
    create_intent,
    finish_cancellations,
    open_payment,
    refresh,
    refresh_stale,
)
from codepop.payments.services.payouts import read_payouts
from codepop.payments.services.reconciliation import Outcome, fetch_undelivered, reconcile
from codepop.payments.services.refunds import request_refund, rerun_stale, run_refund
from codepop.payments.services.saved import (
    MethodView,
    attach_payer,
    charge_default,
    choose_default,
    delete_payer,
    forget_payer,
    has_default,
    list_methods,
    open_sheet,
    remove_method,
    start_saving,
)

__all__ = [
    "Charge",
    "MethodView",
    "Outcome",
    "acknowledge_alert",
    "admit_payer",
    "ask_for_evidence",
    "attach_payer",
    "cancel_intent",
    "cancel_old_savings",
    "cancel_open_intent",
    "cancel_saving",
    "charge_default",
    "charge_now",
    "choose_default",
    "create_intent",
    "delete_payer",
    "fetch_undelivered",
    "finish_cancellations",
    "forget_payer",
    "forget_payers",
    "has_default",
    "known_customer",
    "list_methods",
    "look_at_disputes",
    "open_payment",
    "open_sheet",
    "read_payouts",
    "receive_webhook",
    "reconcile",
    "refresh",
    "refresh_stale",
    "remove_method",
    "request_refund",
    "rerun_stale",
    "resolve_break",
    "run_refund",
    "send_evidence",
    "start_saving",
    "take_message",
    "take_messages",
    "warn_of_deadlines",
]
