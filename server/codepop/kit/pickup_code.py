"""Pickup codes: what a person types or shows at the cooler, checkable without a network.

A code is derived from the store's pickup key, the order and a nonce, and is stored nowhere. Whoever
holds the key (the platform, and the door controller of that one store) can recompute it, so a controller
keeps opening doors while the platform is away (D10).

The short code has 6 characters of a 32-letter alphabet without 0, 1, I and O: 30 bits. With at most two
dozen live codes a store and five tries before the lock-out, a guess succeeds with less than 1 : 8,000,000.
The QR text carries a 128-bit MAC and the time after which the door must not open any more.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 6
_PREFIX = "CP1"


class InvalidCode(ValueError):
    """The text is not a pickup code of this store, or its MAC is wrong."""


@dataclass(frozen=True)
class SignedCode:
    """What a QR text says once its MAC has been checked."""

    order_id: UUID
    nonce: int
    expires_at: datetime


def short_code(*, key: bytes, order_id: UUID, nonce: int) -> str:
    """Return the 6-character code; the same inputs always give the same code."""
    digest = hmac.digest(key, f"short|{order_id}|{nonce}".encode(), hashlib.sha256)
    bits = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[(bits >> (5 * i)) & 31] for i in range(LENGTH))


def display(code: str) -> str:
    """Return the code as people read it: `K4P 9TX`."""
    return f"{code[:3]} {code[3:]}"


def normalise(text: str) -> str:
    """Return what was typed, in capitals, without spaces and dashes."""
    return "".join(text.split()).replace("-", "").upper()


def same_code(left: str, right: str) -> bool:
    """Compare two codes in constant time after `normalise`."""
    return hmac.compare_digest(normalise(left).encode(), normalise(right).encode())


def _mac(key: bytes, order_id: UUID, nonce: int, expires: int) -> str:
    digest = hmac.digest(key, f"qr|{order_id}|{nonce}|{expires}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def qr_text(*, key: bytes, order_id: UUID, nonce: int, expires_at: datetime) -> str:
    """Return `CP1.<order>.<nonce>.<expiry, unix seconds>.<MAC>`."""
    expires = int(expires_at.timestamp())
    return f"{_PREFIX}.{order_id}.{nonce}.{expires}.{_mac(key, order_id, nonce, expires)}"


def read_qr(*, key: bytes, text: str) -> SignedCode:
    """Check a QR text's MAC and return what it says; the caller compares `expires_at` with its clock.

    Raises InvalidCode for any other text.
    """
    parts = text.strip().split(".")
    if len(parts) != 5 or parts[0] != _PREFIX:
        raise InvalidCode("not a CodePop pickup code")
    try:
        order_id, nonce, expires = UUID(parts[1]), int(parts[2]), int(parts[3])
        expires_at = datetime.fromtimestamp(expires, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidCode("not a CodePop pickup code") from error
    if not hmac.compare_digest(_mac(key, order_id, nonce, expires).encode(), parts[4].encode()):
        raise InvalidCode("the code's signature is wrong")
    return SignedCode(order_id=order_id, nonce=nonce, expires_at=expires_at)
