"""The scan finds card numbers however they are written, and little else."""

import pytest

from tools.card_scan import card_numbers


@pytest.mark.req("PAY-29")
@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "card 4242 4242 4242 4242.",
        '{"number":"5555-5555-5555-4444"}',
        "number=378282246310005&cvc=1234",
        "'6011111111111117'",
        "\t4000056655665556\n",
    ],
)
def test_a_card_number_is_found(text: str) -> None:
    assert len(card_numbers(text)) == 1


@pytest.mark.req("PAY-29")
@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",
        "1790000000000",
        "01a214fa-ee6d-7172-9745-0cb142c5e883",
        "424242424242424242424242",
        "",
        "4242",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert card_numbers(text) == []
