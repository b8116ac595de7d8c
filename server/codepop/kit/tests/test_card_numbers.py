"""A card number is recognised however a person types it; other numbers and ids are left alone."""

from uuid import uuid4

import pytest

from codepop.kit.card_numbers import REMOVED, blank_ids, holds_one, without
from codepop.kit.ids import uuid7


@pytest.mark.req("PAY-02")
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("4242424242424242", REMOVED),
        ("4242 4242 4242 4242", REMOVED),
        ("4242-4242-4242-4242", REMOVED),
        ("4242.4242.4242.4242", REMOVED),
        ("4242\u20134242\u20134242\u20134242", REMOVED),
        ("4242\u200b4242\u200b4242\u200b4242", REMOVED),
        ("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", REMOVED),
        ("\uff14\uff12\uff14\uff12" * 4, REMOVED),
        ("\u0664\u0662\u0664\u0662" * 4, REMOVED),
        ("amex 378282246310005", f"amex {REMOVED}"),
        ("x4242424242424242x", f"x{REMOVED}x"),
        ("4242 4242 4242 4242 123", f"{REMOVED} 123"),
        ("call 555 0100, 4242 4242 4242 4242 12/30", f"call 555 0100, {REMOVED} 12/30"),
        ("4242424242424242 and 5555555555554444", f"{REMOVED} and {REMOVED}"),
    ],
)
def test_a_card_number_is_taken_out_and_the_rest_stays(text: str, left: str) -> None:
    assert (holds_one(text), without(text)) == (True, left)


@pytest.mark.req("PAY-02")
@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",
        "424242424242424242424242",
        "2026-11-23T18:30:00Z",
        "1790000000000",
        "+1 435 555 0100",
        "42424242-4242-4242-4242-424242424242",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert (holds_one(text), without(text)) == (False, text)


@pytest.mark.req("PAY-02")
def test_no_id_of_ours_is_taken_for_one() -> None:
    assert [one for one in (f"order {uuid7()} {uuid4().hex}" for _ in range(5_000)) if holds_one(one)] == []


def test_an_id_whose_tail_is_a_card_number_by_its_digits_is_none() -> None:
    key = "wait-01a215f5-3e3e-7286-4242-424242424242"
    assert not [part for part in blank_ids(key).split("-") if part.isdigit()]
    assert not holds_one(key)
