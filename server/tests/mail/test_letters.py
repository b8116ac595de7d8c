"""What every letter keeps: the same in text and HTML, nothing loaded from anywhere, never a password."""

import inspect
import re
from dataclasses import replace
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from codepop.notifications import (
    composing,
    letters_of_accounts,
    letters_of_orders,
    letters_of_privacy,
    letters_of_staff,
)
from codepop.notifications.kinds import RULES, Kind
from codepop.notifications.letters import Letter
from codepop.ordering.receipts import ReceiptLine, ReceiptView
from codepop.payments.selectors import RefundView

URL = "http://127.0.0.1/account/x?a=1&b=2"


def _order() -> ReceiptView:
    return ReceiptView(
        order_id=uuid4(),
        code="A-1042",
        status="ready",
        customer_id=None,
        contact_email="",
        placed_text="November 25, 2026, 2:30 PM",
        store_name="Logan <b>Main</b>",
        store_address="1 Main St, Logan",
        lines=(ReceiptLine("Peach & Cream <script>", "24 oz", 2, 450, 900),),
        currency="usd",
        subtotal_cents=900,
        tax_cents=63,
        total_cents=963,
    )


def _letters() -> dict[str, Letter]:
    made: dict[str, Letter] = {
        name: make(url=URL)
        for module in (letters_of_accounts, letters_of_privacy)
        for name, make in inspect.getmembers(module, inspect.isfunction)
        if make.__module__ == module.__name__
    }
    made |= {
        name: make(store="Logan <b>Main</b>", url=URL)
        for name, make in inspect.getmembers(letters_of_staff, inspect.isfunction)
        if make.__module__ == letters_of_staff.__name__
    }
    refund = RefundView(status="succeeded", amount_cents=450, reason="cancelled", currency="usd")
    made["receipt"] = letters_of_orders.receipt(order=_order(), statement_text="CODEPOP* A-1042", refunds=[refund])
    made["refunded"] = letters_of_orders.refunded(order=_order(), refund=refund, statement_text="CODEPOP* A-1042")
    returned = replace(refund, status="failed")
    made["refund_returned"] = letters_of_orders.refund_returned(
        order=_order(), refund=returned, statement_text="CODEPOP* A-1042"
    )
    made["ready"] = letters_of_orders.ready(order=_order())
    made["news"] = Letter("News", "News", ["Peach is back."], unsubscribe_url=URL, postal_address="1 Example Way")
    return made


@pytest.mark.req("MAIL-13")
def test_every_kind_has_a_rule_and_a_letter() -> None:
    assert set(RULES) == set(Kind) == set(composing._LETTERS)
    assert {kind.value for kind in Kind} == set(_letters())


@pytest.mark.parametrize("name", sorted(_letters()))
@pytest.mark.req("MAIL-13")
def test_text_and_html_say_the_same_and_load_nothing(name: str) -> None:
    letter = _letters()[name]
    text, html = letter.as_text(), letter.as_html()
    words = unescape(re.sub(r"<[^>]+>", " ", html.partition("</head>")[2]))
    said: list[Any] = [letter.headline, *letter.paragraphs, *letter.closing]
    said += [part for row in letter.rows for part in (row.name, row.note, row.amount)]
    said += [part for pair in (*letter.sums, *letter.facts) for part in pair]
    for part in said:
        assert part in text, (name, part)
        assert part in words, (name, part)
    assert not re.search(r"<(script|img|link|iframe|form|object)\b|url\(|@import|javascript:", html)
    assert set(re.findall(r'href="([^"]*)"', html)) <= {URL.replace("&", "&amp;")}
    assert "<b>" not in html
    assert not re.search(r"[\r\n]", letter.subject)
    assert "color-scheme" in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.req("MAIL-13")
def test_no_letter_can_hold_a_password() -> None:
    """The functions that write letters are given links, orders and refunds: nothing of a person, least of all that."""
    for module in (letters_of_accounts, letters_of_orders, letters_of_privacy):
        for name, make in inspect.getmembers(module, inspect.isfunction):
            if make.__module__ == module.__name__ and not name.startswith("_"):
                assert set(inspect.signature(make).parameters) <= {
                    "url",
                    "order",
                    "refund",
                    "refunds",
                    "statement_text",
                }
    for name, letter in _letters().items():
        assert not re.search(r"(?i)password( is)?[:=] ?\S", letter.as_text()), name
