"""Codes as an authenticator app shows them, for programs that drive a running system from outside."""

import hashlib
import hmac
import struct
import time
from base64 import b32decode
from typing import Final

PERIOD_SECONDS: Final = 30


def totp(secret: str) -> str:
    """Return the present code of a base32 secret (RFC 6238: SHA-1, six digits, thirty seconds)."""
    key = b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // PERIOD_SECONDS), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
