"""What can be done with money. Each command that reaches the provider is three steps: record, call, record."""

from codepop.payments.services.inbox import receive_webhook, retry_messages, take_message
from codepop.payments.services.intents import (
    Charge,
    cancel_intent,
    cancel_open_intent,
    create_intent,
    open_payment,
    refresh,
    refresh_stale,
)
from codepop.payments.services.refunds import request_refund, rerun_stale, run_refund

__all__ = [
    "Charge",
    "cancel_intent",
    "cancel_open_intent",
    "create_intent",
    "open_payment",
    "receive_webhook",
    "refresh",
    "refresh_stale",
    "request_refund",
    "rerun_stale",
    "retry_messages",
    "run_refund",
    "take_message",
]
