"""What staff can do to make an order good."""

from codepop.aftersales.services.batches import (
    BatchAsk,
    plan_batch,
    run_batches,
    start_batch,
    stop_batch,
)
from codepop.aftersales.services.decide import approve, decline
from codepop.aftersales.services.refunds import Ask, ask_refund
from codepop.aftersales.services.remakes import ask_remake, refund_broken_remake

__all__ = [
    "Ask",
    "BatchAsk",
    "approve",
    "ask_refund",
    "ask_remake",
    "decline",
    "plan_batch",
    "refund_broken_remake",
    "run_batches",
    "start_batch",
    "stop_batch",
]
