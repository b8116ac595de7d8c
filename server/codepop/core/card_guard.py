"""Keeps card numbers out of everything that people send us, whatever field they end up in (PAY-02, PAY-29).

The API refuses them and names the field. Staff forms and searches lose the number and keep the rest, so that nobody's
note is lost; what devices report is treated alike (docs/security/pci-scope.md has the table).
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict

from codepop.core.errors import InvalidInput
from codepop.kit.card_numbers import blank_ids, holds_one, without

HINT: Final = "Leave the card number out: it belongs into the payment form only, which goes straight to the provider."
COMPARED_ONLY: Final = frozenset({"open_door"})
"""Operations whose text is compared with a secret and then dropped; its digits are nobody's to choose."""

# A key of one's own making may be hexadecimal: only what stands alone as digits can be meant as a number.
_ALONE = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9])+(?![0-9A-Za-z])")


class CardNumberSent(InvalidInput):
    code = "card_number"
    message = "That looks like a card number. We never take card numbers here."


def refuse_card_numbers(request: HttpRequest, operation: str) -> None:
    """Raise CardNumberSent, with the places, when query, body or idempotency key hold a card number."""
    if operation in COMPARED_ONLY:
        return
    places = [name for name, value in request.GET.items() if holds_one(str(value)) or holds_one(name)]
    places += _places(_body(request))
    key = blank_ids(request.headers.get("Idempotency-Key", ""))
    if any(holds_one(part) for part in _ALONE.findall(key)):
        places.append("Idempotency-Key")
    if places:
        raise CardNumberSent(fields=dict.fromkeys(map(without, places), HINT))


def without_card_numbers(form: QueryDict) -> QueryDict:
    """Return what a form or an address says, without card numbers; the same object when there are none."""
    if not any(holds_one(value) for _, values in form.lists() for value in values):
        return form
    cleaned = form.copy()
    for name, values in form.lists():
        cleaned.setlist(name, [without(value) for value in values])
    return cleaned


def _body(request: HttpRequest) -> Any:
    """Return the JSON that was sent; None where there is none, which the operation itself then refuses."""
    try:
        return json.loads(request.body) if request.body else None
    except (ValueError, RecursionError, SuspiciousOperation):
        return None


def _places(document: Any) -> Iterator[str]:
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, dict):
            todo += [(f"{place}.{name}", inner) for name, inner in value.items()]
            yield from (place.lstrip(".") or "body" for name in value if holds_one(name))
        elif isinstance(value, list):
            todo += [(f"{place}.{index}", inner) for index, inner in enumerate(value)]
        elif isinstance(value, str | int) and not isinstance(value, bool) and holds_one(str(value)):
            yield place.lstrip(".") or "body"
