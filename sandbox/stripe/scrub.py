"""Card data out of everything that is kept: the request log, idempotency records, error texts."""

import re
from typing import Any

from sandbox.stripe.cards import passes_luhn

DIGITS = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
HIDDEN = {"cvc": "[not kept]", "client_secret": "[secret]", "secret": "[secret]"}


def scrub(values: dict[str, Any]) -> dict[str, Any]:
    """The parameters without card numbers, security codes and secrets."""
    return {key: _scrub(key, value) for key, value in values.items()}


def _scrub(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return scrub(value)
    if key == "number" and isinstance(value, str):
        return f"[card ending {value.strip()[-4:]}]"
    if key in HIDDEN:
        return HIDDEN[key]
    return scrub_text(value) if isinstance(value, str) else value


def scrub_text(value: str) -> str:
    """A text with anything that looks like a card number replaced."""
    return DIGITS.sub(_hide, value) if len(value) > 12 else value


def _hide(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    return f"[card ending {digits[-4:]}]" if passes_luhn(digits) else match[0]
