"""Finds what is a card number by its form: for dumps, logs and request logs, where none may ever be (PAY-29)."""

from __future__ import annotations

import re

# Issuer prefixes of the large networks; groups by spaces or hyphens as people write them. Not inside longer digit runs,
# ids or hex texts.
_FORM = re.compile(r"(?<![\w.+/-])(?:4|5[1-5]|2[2-7]|3[47]|6(?:011|5|4[4-9]))\d(?:[ -]?\d){10,17}(?![\w+/=-])")


def card_numbers(text: str) -> list[str]:
    """Return each text of 13 to 19 digits with a known prefix and a right check digit, digits only."""
    found = []
    for match in _FORM.finditer(text):
        digits = re.sub(r"[ -]", "", match[0])
        if 13 <= len(digits) <= 19 and _luhn(digits):
            found.append(digits)
    return found


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
