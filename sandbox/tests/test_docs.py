"""docs/sandbox-stripe.md tells what is: its table of test cards is compared with what each card does, its tables of
faults with the switches.
"""

import re
from typing import Any

import pytest
import stripe

from sandbox.console.cards_page import outcome
from sandbox.faults import OPTIONS, REQUEST_KINDS, SEARCH_KINDS, WEBHOOK_KINDS
from sandbox.stripe.cards import CARDS, TestCard
from sandbox.tests.running import ROOT

DOCUMENT = ROOT / "docs" / "sandbox-stripe.md"


def rows_of(title: str) -> list[str]:
    """The rows of the table below a heading, without its head."""
    _, _, rest = DOCUMENT.read_text().partition(f"## {title}\n")
    section = rest.partition("\n## ")[0]
    return re.findall(r"^\|.*\|$", section, re.MULTILINE)[2:]


def seen(pay: Any, card: TestCard, **more: Any) -> str:
    """What the API answers when the card is charged."""
    try:
        status = pay(card.token, return_url="https://shop.test", **more).status
    except stripe.CardError as refusal:
        error: Any = refusal.error
        return f"402 {error.code}" + (f" / {error.decline_code}" if error.decline_code != error.code else "")
    return str(status)


def row(pay: Any, card: TestCard) -> str:
    present, absent = seen(pay, card), seen(pay, card, off_session=True)
    return f"| {card.number} | `{card.token}` | {present} | {absent} | {outcome(card)[1]} |"


@pytest.mark.parametrize(("at", "card"), list(enumerate(CARDS)), ids=[card.name for card in CARDS])
def test_card_does_what_the_table_says(pay: Any, at: int, card: TestCard) -> None:
    assert rows_of("Test cards")[at] == row(pay, card)


def test_table_has_every_card_and_no_other() -> None:
    assert len(rows_of("Test cards")) == len(CARDS)


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Faults of requests", REQUEST_KINDS),
        ("Faults of webhooks", WEBHOOK_KINDS),
        ("Faults of search", SEARCH_KINDS),
        ("Settings of faults", OPTIONS),
    ],
)
def test_faults_are_all_there_in_their_own_words(title: str, kinds: dict[str, str]) -> None:
    assert rows_of(title) == [f"| `{kind}` | {words} |" for kind, words in kinds.items()]
