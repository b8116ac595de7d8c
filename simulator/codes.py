"""Pickup codes as a door controller checks them by itself, written after simulator/README.md and not after the server.

Short code: the first 8 bytes of HMAC-SHA256(key, "short|<order>|<nonce>"), as a number, lowest 5 bits first.
QR text: CP1.<order>.<nonce>.<expiry>.<MAC>, the MAC being the first 16 bytes of
HMAC-SHA256(key, "qr|<order>|<nonce>|<expiry>") in base64url without padding.
"""

import base64
import hashlib
import hmac

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def short_code(key: bytes, order_id: str, nonce: int) -> str:
    """Return the six characters that open the order's door."""
    digest = hmac.digest(key, f"short|{order_id}|{nonce}".encode(), hashlib.sha256)
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(6))


def qr_text(key: bytes, order_id: str, nonce: int, expiry: int) -> str:
    """Return the text of the order's QR picture; `expiry` in Unix seconds."""
    mac = hmac.digest(key, f"qr|{order_id}|{nonce}|{expiry}".encode(), hashlib.sha256)[:16]
    return f"CP1.{order_id}.{nonce}.{expiry}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def opens(text: str, *, key: bytes, order_id: str, nonce: int, unix_now: float) -> bool:
    """Say whether what was typed or shown is the code of this order, and a QR text still valid."""
    shown = text.strip()
    if shown.startswith("CP1."):
        return _qr_opens(shown, key, order_id, nonce, unix_now)
    typed = "".join(shown.split()).replace("-", "").upper()
    return hmac.compare_digest(typed.encode(), short_code(key, order_id, nonce).encode())


def _qr_opens(text: str, key: bytes, order_id: str, nonce: int, unix_now: float) -> bool:
    parts = text.split(".")
    if len(parts) != 5 or not (parts[3].isascii() and parts[3].isdigit() and len(parts[3]) < 12):
        return False
    expiry = int(parts[3])
    genuine = hmac.compare_digest(text.encode(), qr_text(key, order_id, nonce, expiry).encode())
    return genuine and unix_now < expiry
