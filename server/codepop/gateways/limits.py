"""All time limits, tries and budgets of all providers, in one table. `gateways.guard` enforces them.

What is not in the table can't be called. Reads may be tried again whatever went wrong; keyed commands only when nothing
was taken (`Unavailable`), with the same key; nothing is sent again after `deadline_seconds`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Limit:
    """One operation: the time limit of an answer, the tries, and the time for all tries together."""

    answer_seconds: float
    tries: int
    deadline_seconds: float


@dataclass(frozen=True)
class BreakerLimits:
    """Opens when, within `window_seconds`, there were `failures` and they are half of all calls or more.

    Stays open for `open_seconds`, twice as long after each probe that fails, at most `open_seconds_max`.
    """

    failures: int = 5
    window_seconds: float = 30.0
    open_seconds: float = 5.0
    open_seconds_max: float = 60.0
    probe_seconds: float = 15.0


@dataclass(frozen=True)
class ProviderLimits:
    """One provider. `per_second` is the budget of each operation, shared by all processes."""

    provider: str
    connect_seconds: float
    per_second: float
    operations: Mapping[str, Limit]
    breaker: BreakerLimits = BreakerLimits()


LOOK = Limit(answer_seconds=5.0, tries=2, deadline_seconds=12.0)
"""A read of one thing."""
LIST = Limit(answer_seconds=10.0, tries=2, deadline_seconds=25.0)
"""A page of a list."""
COMMAND = Limit(answer_seconds=10.0, tries=2, deadline_seconds=15.0)
"""Something that changes the provider's books, under a key."""

STRIPE: Final = ProviderLimits(
    provider="stripe",
    connect_seconds=2.0,
    per_second=25.0,  # what Stripe allows on a single endpoint unless asked for more; STRIPE_PER_SECOND changes it
    operations={
        "create_intent": COMMAND,
        "fetch_intent": LOOK,
        "find_intent": LIST,
        "count_failed_charges": LIST,
        "cancel_intent": COMMAND,
        "refund": COMMAND,
        "fetch_refund": LOOK,
        "list_refunds": LIST,
        "fetch_charge": LOOK,
        "fetch_dispute": LOOK,
        "list_disputes": LIST,
        "submit_evidence": COMMAND,
        "list_payouts": LIST,
        "list_payout_movements": LIST,
        "page_of_intents": LIST,
        "page_of_refunds": LIST,
        "page_of_movements": LIST,
        "undelivered_events": LIST,
        "list_endpoints": LIST,
        "create_customer": COMMAND,
        "find_customer": LIST,
        "delete_customer": COMMAND,
        "list_methods": LOOK,
        "detach_method": COMMAND,
        "start_saving": COMMAND,
        "count_declines": LIST,
        "cancel_saving": COMMAND,
        "open_sheet": COMMAND,
        "attach_customer": COMMAND,
        "charge_saved": COMMAND,
    },
)

SMTP: Final = ProviderLimits(
    provider="smtp",
    connect_seconds=10.0,  # like each step of the conversation
    per_second=50.0,  # the outbox keeps to MAIL_PER_MINUTE; this only stops a loop
    operations={"send": Limit(answer_seconds=10.0, tries=1, deadline_seconds=30.0)},
)

PROVIDERS: Final[dict[str, ProviderLimits]] = {limits.provider: limits for limits in (STRIPE, SMTP)}
