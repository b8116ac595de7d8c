"""What arrived: each message as a JSON object of the store, readable as a person would see it."""

import email
import email.policy
import secrets
from email.message import EmailMessage

from sandbox.store import Json

KIND = "mail"
MAX_SHOWN = 400_000


def read_message(content: bytes, *, sender: str, recipients: list[str], at: int, tls: str, user: str) -> Json:
    """Return a message as the store keeps it; `raw` is what went over the wire."""
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return {
        "id": f"mail_{secrets.token_hex(8)}",
        "received_at": at,
        "sender": sender,
        "recipients": recipients,
        "from": str(parsed.get("From", "")),
        "to": str(parsed.get("To", "")),
        "subject": str(parsed.get("Subject", "")),
        "message_id": str(parsed.get("Message-ID", "")).strip(),
        "headers": [[name, str(value)] for name, value in parsed.items()],
        "text": _part(parsed, "plain"),
        "html": _part(parsed, "html"),
        "raw": content[:MAX_SHOWN].decode("utf-8", "replace"),
        "tls": tls,
        "user": user,
        "events": [],
    }


def _part(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content())[:MAX_SHOWN] if part else ""
