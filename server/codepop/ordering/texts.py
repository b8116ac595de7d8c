"""The sentences an order says about itself. Each is true of the state it is made from. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from codepop.ordering.machine import Status
from codepop.ordering.timing import clock_text
from codepop.ordering.waiting import Wait


@dataclass(frozen=True)
class Facts:
    """What the headline is made from; `ahead` counts the orders before this one in the store's queue."""

    status: Status
    now: datetime
    timezone: str
    payment_message: str | None
    pickup_at: datetime | None
    ahead: int
    step_text: str
    door_number: int | None
    code: str | None
    refund_status: str | None
    refund_text: str
    paid: bool
    in_doubt: bool
    """The bank was still at it when we last looked, or a card may have paid since."""
    wait: Wait = Wait.NOTHING


def money_text(cents: int, currency: str) -> str:
    """Return an amount for people: `$7.20`, or `7.20 EUR`."""
    return f"${cents / 100:.2f}" if currency == "usd" else f"{cents / 100:.2f} {currency.upper()}"


PROVIDER_AWAY: Final = "Payment system temporarily unavailable. Please try again in a few minutes."
"""Word for word the specification's text (scenario 1)."""

_WAITING: Final[dict[Wait, str]] = {
    Wait.PROVIDER: PROVIDER_AWAY,
    Wait.PERSON: "Payments work again. You can pay now.",
    Wait.ANSWER: "Do you still want it? Paying took too long to come back, so nothing was charged.",
}
_UNHEARD: Final[dict[Wait, str]] = {
    **_WAITING,
    Wait.ANSWER: "Do you still want it? Paying took too long to come back.",
}


def _unpaid(facts: Facts) -> str:
    if facts.wait in _WAITING and not (facts.wait == Wait.PERSON and facts.payment_message):
        return (_UNHEARD if facts.in_doubt else _WAITING)[facts.wait]
    return facts.payment_message or "Waiting for your payment."


def _paid(facts: Facts) -> str:
    if facts.pickup_at is None:
        return "Paid. Tell us when to start."
    return f"Paid. We start in time for {clock_text(facts.pickup_at, facts.timezone, now=facts.now)}."


def _queued(facts: Facts) -> str:
    if facts.ahead == 0:
        return "In line: yours is next."
    return f"In line: {facts.ahead} order{'' if facts.ahead == 1 else 's'} before yours."


def _preparing(facts: Facts) -> str:
    return f"{facts.step_text.rstrip('.') or 'A robot is taking your order'}."


def _ready(facts: Facts) -> str:
    code = f" Your code is {facts.code}." if facts.code else ""
    return f"Behind door {facts.door_number}.{code}"


def _money_back(facts: Facts) -> str:
    if facts.refund_status == "succeeded":
        return f"{facts.refund_text} went back to your card."
    if facts.refund_status == "failed":
        return f"The refund of {facts.refund_text} did not go through yet. We are on it."
    if facts.refund_status or facts.paid:
        return "Your money is on its way back."
    if facts.in_doubt:
        return "Should your card be charged after all, the money goes back by itself."
    return "Nothing was charged."


_HEADLINES: Final[dict[Status, Callable[[Facts], str]]] = {
    Status.PAYMENT_PENDING: _unpaid,
    Status.PAID: _paid,
    Status.QUEUED: _queued,
    Status.PREPARING: _preparing,
    Status.READY: _ready,
    Status.PICKED_UP: lambda facts: "Picked up. Enjoy!",
    Status.CANCELLED: lambda facts: f"Cancelled. {_money_back(facts)}",
    Status.EXPIRED: lambda facts: f"Not paid in time, so we closed this order. {_money_back(facts)}",
    Status.FAILED: lambda facts: f"Our machines could not make this. We are sorry. {_money_back(facts)}",
    Status.DISCARDED: lambda facts: "Not fetched in time, so we had to throw it away.",
}

TIMELINE: Final[dict[Status, str]] = {
    Status.PAYMENT_PENDING: "Ordered",
    Status.PAID: "Paid",
    Status.QUEUED: "In line",
    Status.PREPARING: "Being made",
    Status.READY: "Ready",
    Status.PICKED_UP: "Picked up",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Closed unpaid",
    Status.FAILED: "Could not be made",
    Status.DISCARDED: "Thrown away",
}


def headline(facts: Facts) -> str:
    """Return the one sentence that tells a customer how the order stands."""
    return _HEADLINES[facts.status](facts)


def timeline_text(status: Status, before: str) -> str:
    """Return a step of the history in two or three words."""
    if status == Status.QUEUED and before == Status.PREPARING:
        return "Back in line"
    if status == Status.PAID and before == Status.QUEUED:
        return "Put off until later"
    return TIMELINE[status]
