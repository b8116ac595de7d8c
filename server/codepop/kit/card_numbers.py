"""Recognises what is a card number by its form, however a person typed it (PAY-02).

Nobody is asked for one outside the provider's own form, and still people write theirs into notes and names. 13 to 19
digits of any script, in groups or not, with an issuer's prefix and a right check digit: of random numbers of that
length, about one in sixty.
"""

import re
from collections.abc import Iterator

REMOVED = "[card number removed]"

_SHORTEST, _LONGEST = 13, 19
# Digits with single or doubled separators of any kind a person may put between groups; invisible ones, too.
_RUN = re.compile(r"\d(?:[\s\-\u2010-\u2015\u2212\u00ad\u200b-\u200d\u2060\ufeff.,_/*|:]{0,2}\d)+")
_GROUP = re.compile(r"\d+")
# An id of ours, with or without its hyphens: however its digits fall, it is no number.
_ID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{24,})(?![0-9a-f])",
    re.IGNORECASE,
)
_ISSUER = re.compile(r"4|5[0-8]|2[2-7]|3[0-9]|6")


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each card number of the text begins and ends."""
    if len(text) < _SHORTEST:
        return
    for run in _RUN.finditer(blank_ids(text)):
        groups = [(run.start() + one.start(), run.start() + one.end()) for one in _GROUP.finditer(run[0])]
        yield from _within(text, groups)


def blank_ids(text: str) -> str:
    """Return the text with our ids made unreadable: who looks at its parts must not take an id's tail for digits."""
    return _ID.sub(lambda one: "x" * len(one[0]), text)


def holds_one(text: str) -> bool:
    """Say whether there is a card number in the text."""
    return next(find(text), None) is not None


def without(text: str) -> str:
    """Return the text with each card number replaced by a note that it was removed."""
    kept, last = [], 0
    for begin, end in find(text):
        kept += [text[last:begin], REMOVED]
        last = end
    return "".join([*kept, text[last:]])


def _within(text: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Try each sequence of whole groups, so that an expiry date or a phone number beside it does not hide a number."""
    first = 0
    while first < len(groups):
        for last in range(len(groups) - 1, first - 1, -1):
            begin, end = groups[first][0], groups[last][1]
            if _is_card(text[begin:end]):
                yield begin, end
                first = last
                break
        first += 1


def _is_card(part: str) -> bool:
    # int() reads the digits of every script, full-width ones among them.
    digits = [int(one) for one in part if one.isdecimal()]
    if not _SHORTEST <= len(digits) <= _LONGEST or not _ISSUER.match("".join(map(str, digits[:2]))):
        return False
    doubled = [2 * one - 9 * (one > 4) for one in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
