"""Where a person may be outside the tables: log files, files of the data folder, and the sandbox's mailbox.

Nothing should be there: logs black out what looks like an address, and files hold none. This looks whether it is so.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
from django.conf import settings

from codepop.core.personal import Person
from codepop.privacy.services import Found

_OURS: Final = ("postgres", "metrics")
_READ_AT_ONCE: Final = 1 << 20


def find_traces(person: Person) -> list[Found]:
    """List the files and mailboxes in which an address of the person stands in plain text."""
    return [*_files(sorted(person.emails)), *_mailbox(sorted(person.emails))]


def _files(words: Sequence[str]) -> Iterator[Found]:
    """Look through all files of the data folder but the database's own; the sandbox's stand for the provider's."""
    root: Path = settings.CODEPOP.data
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0] in _OURS or parts[0] == "sandbox" or not path.is_file():
            continue
        if count := _times(path, words):
            kind = "log" if path.suffix == ".log" or "logs" in parts else "file"
            yield Found(str(Path(*parts)), f"{kind.title()} {path.name}", kind, count)


def _times(path: Path, words: Sequence[str]) -> int:
    """Count the words in a file, read piece by piece with an overlap as long as a word."""
    longest = max((len(word) for word in words), default=1)
    count, rest = 0, b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_READ_AT_ONCE):
                text = (rest + piece).lower()
                count += sum(text.count(word.encode()) for word in words)
                rest = text[-(longest - 1) :] if longest > 1 else b""
                count -= sum(rest.count(word.encode()) for word in words)
    except OSError:
        return 0
    return count


def _mailbox(addresses: Sequence[str]) -> Iterator[Found]:
    if settings.CODEPOP.mail.mode != "sandbox":
        return
    for address in addresses:
        if count := len(_call("GET", address).get("messages", [])):
            yield Found("sandbox mailbox", "Mails in the sandbox's mailbox", "message", count)


def empty_mailbox(person: Person) -> int:
    """Delete the person's mails from the sandbox's mailbox; in production their mailbox is their own."""
    if settings.CODEPOP.mail.mode != "sandbox":
        return 0
    return sum(int(_call("DELETE", address).get("removed", 0)) for address in sorted(person.emails))


def _call(method: str, address: str) -> dict[str, Any]:
    """Ask the sandbox; when it does not run there is no mailbox to look into."""
    url = f"{settings.CODEPOP.sandbox_url}/_sandbox/mail/messages"
    try:
        answer = httpx.request(method, url, params={"to": address, "limit": "2000"}, timeout=10)
        answer.raise_for_status()
    except httpx.TransportError:
        return {}
    return dict(answer.json())
