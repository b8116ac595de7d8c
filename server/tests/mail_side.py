"""The other side of mail in tests: the sandbox's mailbox, its faults, and the links that people follow."""

import re
from typing import Any

import httpx
from django.conf import settings


def call(path: str, body: dict[str, Any] | None = None, *, method: str = "POST") -> Any:
    """Call the sandbox's control API."""
    answer = httpx.request(method, f"{settings.CODEPOP.sandbox_url}/_sandbox{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


def fault(kind: str, **options: Any) -> None:
    """Switch a fault on."""
    call("/faults", {"kind": kind, **options})


def credentials(**change: str) -> None:
    """`add=` or `revoke=` a pair of user and password."""
    call("/mail/credentials", change)


def mailbox(to: str = "") -> list[dict[str, Any]]:
    """Return what arrived, newest first, all or to one address."""
    return list(call(f"/mail/messages?limit=2000&to={to}", method="GET")["messages"])


def attempts(to: str) -> int:
    """Say how often the address was offered to the server."""
    return int(call(f"/mail/messages?limit=1&to={to}", method="GET")["attempts"])


def links(message: dict[str, Any]) -> list[str]:
    """Return the links in the text of a message."""
    return re.findall(r"https?://\S+", message["text"])
