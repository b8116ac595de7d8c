"""Every status has its sentence, and each is true."""

from datetime import UTC, datetime

import pytest

from codepop.ordering.machine import Status
from codepop.ordering.texts import TIMELINE, Facts, headline, money_text, timeline_text
from codepop.ordering.waiting import Wait

NOON = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def _text(status: Status, **more: object) -> str:
    facts: dict[str, object] = {
        "status": status,
        "now": NOON,
        "timezone": "America/Denver",
        "payment_message": None,
        "pickup_at": None,
        "ahead": 0,
        "step_text": "",
        "door_number": None,
        "code": None,
        "refund_status": None,
        "refund_text": "$7.20",
        "paid": False,
        "in_doubt": False,
    }
    return headline(Facts(**{**facts, **more}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "status", "more"),
    [
        ("Waiting for your payment.", Status.PAYMENT_PENDING, {}),
        ("Try another card.", Status.PAYMENT_PENDING, {"payment_message": "Try another card."}),
        (
            "Do you still want it? Paying took too long to come back, so nothing was charged.",
            Status.PAYMENT_PENDING,
            {"wait": Wait.ANSWER},
        ),
        (
            "Do you still want it? Paying took too long to come back.",
            Status.PAYMENT_PENDING,
            {"wait": Wait.ANSWER, "in_doubt": True},
        ),
        ("Paid. Tell us when to start.", Status.PAID, {}),
        ("Paid. We start in time for 12:00 PM.", Status.PAID, {"pickup_at": NOON}),
        ("In line: yours is next.", Status.QUEUED, {}),
        ("In line: 1 order before yours.", Status.QUEUED, {"ahead": 1}),
        ("In line: 2 orders before yours.", Status.QUEUED, {"ahead": 2}),
        ("A robot is taking your order.", Status.PREPARING, {}),
        ("Pouring peach.", Status.PREPARING, {"step_text": "Pouring peach"}),
        ("Behind door 7. Your code is K4P 9TX.", Status.READY, {"door_number": 7, "code": "K4P 9TX"}),
        ("Picked up. Enjoy!", Status.PICKED_UP, {}),
        ("Cancelled. Nothing was charged.", Status.CANCELLED, {}),
        ("Cancelled. Your money is on its way back.", Status.CANCELLED, {"paid": True}),
        (
            "Cancelled. Should your card be charged after all, the money goes back by itself.",
            Status.CANCELLED,
            {"in_doubt": True},
        ),
        ("Cancelled. Your money is on its way back.", Status.CANCELLED, {"refund_status": "pending"}),
        ("Cancelled. $7.20 went back to your card.", Status.CANCELLED, {"refund_status": "succeeded"}),
        (
            "Cancelled. The refund of $7.20 did not go through yet. We are on it.",
            Status.CANCELLED,
            {"refund_status": "failed"},
        ),
        ("Not paid in time, so we closed this order. Nothing was charged.", Status.EXPIRED, {}),
        (
            "Our machines could not make this. We are sorry. Your money is on its way back.",
            Status.FAILED,
            {"paid": True},
        ),
        ("Not fetched in time, so we had to throw it away.", Status.DISCARDED, {"paid": True}),
    ],
)
def test_headlines(text: str, status: Status, more: dict[str, object]) -> None:
    assert _text(status, **more) == text


def test_every_status_has_a_headline_and_a_step() -> None:
    assert set(TIMELINE) == set(Status)
    for status in Status:
        assert _text(status).endswith((".", "!"))


def test_steps_say_when_something_went_back() -> None:
    assert timeline_text(Status.QUEUED, "paid") == "In line"
    assert timeline_text(Status.QUEUED, "preparing") == "Back in line"
    assert timeline_text(Status.PAID, "payment_pending") == "Paid"
    assert timeline_text(Status.PAID, "queued") == "Put off until later"


def test_money_is_told_in_its_currency() -> None:
    assert money_text(720, "usd") == "$7.20"
    assert money_text(5, "eur") == "0.05 EUR"
