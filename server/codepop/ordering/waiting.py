"""How long an order waits while the payment provider is away, and what its person agreed to.

A soda is wanted now: consent to be charged later is short unless more is asked for, ends where the chosen pickup can't
be kept any more, and is never stretched by us. After it the person is asked again, with nothing charged meanwhile;
without an answer the order expires (docs/decisions/0012-paying-after-an-outage.md).
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from codepop.ordering.machine import PickupMode

DEFAULT_MINUTES = 15
LONGEST_MINUTES = 120
"""An outage of the provider lasts one to two hours at worst (specification, scenario 1)."""

ASK_FOR_MINUTES = 10
"""So long an answer is waited for after the consent is over; then the order expires."""

TIME_TO_PAY_MINUTES = 5
"""At least so long an order is kept once its person can pay again."""

HELD_AT_MOST_MINUTES = 180
"""Nobody keeps stock from others for longer than this, however often they agree to wait."""


def lasting(minutes: int) -> timedelta:
    """Return how long so many of these minutes last; a trial run of an outage makes them short."""
    return timedelta(seconds=minutes * settings.CONSENT_MINUTE_SECONDS)


class Wait(StrEnum):
    """What an unpaid order waits for."""

    NOTHING = ""
    PROVIDER = "waiting"
    """The provider is away; we try again by ourselves."""
    PERSON = "ready"
    """The provider is back; its person has to pay."""
    ANSWER = "asking"
    """The consent is over and the provider still away: does its person still want it?"""


def consent_end(
    *, asked_at: datetime, minutes: int, placed_at: datetime, pickup_mode: str, pickup_at: datetime | None, making: int
) -> datetime:
    """Return until when a charge is agreed to; `making` is how many seconds before the pickup a robot must start.

    Not after `asked_at` when the pickup can't be kept any more: then another one must be chosen first.
    """
    end = min(asked_at + lasting(minutes), placed_at + lasting(HELD_AT_MOST_MINUTES))
    if pickup_mode == PickupMode.AT and pickup_at is not None:
        end = min(end, pickup_at - timedelta(seconds=making))
    return end
