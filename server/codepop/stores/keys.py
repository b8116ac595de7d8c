"""Secrets of stores and devices: made here, so that their size and form are decided once."""

import base64
import hashlib
import secrets


def new_pickup_key() -> str:
    """Base64 of 32 random bytes, the form in which `Store.pickup_key` is kept."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_device_key() -> str:
    """A fresh device key; 256 random bits, so a plain SHA-256 of it is enough to keep."""
    return secrets.token_urlsafe(32)


def device_key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
