"""Which of a store's live codes a typed or shown text is. Pure; every candidate is compared, in constant time."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from codepop.kit.pickup_code import InvalidCode, read_qr, same_code, short_code

T = TypeVar("T")

MAX_TEXT = 200
"""Longer than any code or QR text; what is longer is not looked at."""


@dataclass(frozen=True)
class Candidate(Generic[T]):
    """A live code and what it opens."""

    order_id: UUID
    nonce: int
    opens: T


def find_opened(candidates: Iterable[Candidate[T]], text: str, *, key: bytes) -> T | None:
    """Return what `text` opens among the candidates, or None. Looks at all of them before it answers."""
    if len(text) > MAX_TEXT:
        return None
    found: T | None = None
    for candidate in candidates:
        if _is_code_of(candidate, text, key):
            found = candidate.opens
    return found


def _is_code_of(candidate: Candidate[T], text: str, key: bytes) -> bool:
    try:
        signed = read_qr(key=key, text=text)
    except InvalidCode:
        return same_code(short_code(key=key, order_id=candidate.order_id, nonce=candidate.nonce), text)
    return signed.order_id == candidate.order_id and signed.nonce == candidate.nonce


def fingerprint(*, key: bytes, order_id: UUID, nonce: int) -> bytes:
    """Return a keyed hash of the short code, by which the database keeps a store's live codes apart."""
    code = short_code(key=key, order_id=order_id, nonce=nonce)
    return hmac.digest(key, f"fingerprint|{code}".encode(), hashlib.sha256)[:16]
