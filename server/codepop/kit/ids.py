"""Identifiers. UUIDv7 (RFC 9562 section 5.7): sorts by creation time, so that indexes grow at one end."""

import os
import secrets
import time
import uuid


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits.

    Uses the machine's clock on purpose, not `kit.clock`: an id must stay unique when a test holds time.
    """
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= ((random_bits >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random_bits & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)


def secret_token() -> str:
    """Return 32 random bytes as 43 URL-safe characters: for bearer secrets that are stored only as a hash."""
    return secrets.token_urlsafe(32)
