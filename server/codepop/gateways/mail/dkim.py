"""DKIM signatures (RFC 6376): the proof that a message is ours, needed where the mail server does not sign by itself.

The two unsubscribe headers are part of what is signed, as RFC 8058 demands.
"""

from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

import dkim

_SIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
)


@dataclass(frozen=True)
class DkimKey:
    """A private key and the name under which its public half stands in DNS: `SELECTOR._domainkey.DOMAIN`."""

    domain: str
    selector: str
    pem: bytes

    @classmethod
    def read(cls, path: Path, selector: str, sender: str) -> "DkimKey":
        """Read the key file for the sender's domain; raises OSError."""
        return cls(parseaddr(sender)[1].rpartition("@")[2], selector, path.read_bytes())


def sign(content: bytes, key: DkimKey) -> bytes:
    """Return the message with its signature in front."""
    present = {line.split(b":", 1)[0].lower() for line in content.split(b"\r\n\r\n", 1)[0].split(b"\r\n")}
    headers = [name for name in _SIGNED if name in present]
    return bytes(
        dkim.sign(content, key.selector.encode(), key.domain.encode(), key.pem, include_headers=headers) + content
    )
