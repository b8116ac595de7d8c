"""A record of everything the sandbox said and was asked, for whoever judges it afterwards; off unless a folder is set.

The sandbox judges nothing itself: what knows the truth about the provider's shapes is the provider's SDK, which the
sandbox doesn't import.
"""

import json
import os
import uuid
from pathlib import Path
from typing import Any


class Recorder:
    """Writes one JSON line for each reply and message. Lines are complete when they are there, even after a kill."""

    def __init__(self, folder: Path | None) -> None:
        self._file = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            name = folder / f"sandbox-{os.getpid()}-{uuid.uuid4().hex[:8]}.jsonl"
            self._file = name.open("w", buffering=1, encoding="utf-8")

    def reply(self, *, method: str, path: str, by_server: bool, params: dict[str, Any], status: int, body: str) -> None:
        """A reply of the API. `by_server` tells the shop's own calls from a browser's; `params` hold no card data."""
        if self._file is not None:
            about = {"method": method, "path": path, "by_server": by_server, "params": params, "status": status}
            self._file.write(f'{{"about": {json.dumps(about)}, "body": {body or "null"}}}\n')

    def event(self, event: dict[str, Any]) -> None:
        """An event as it was made, before any fault changed it on its way."""
        if self._file is not None:
            self._file.write(f'{{"about": {{"method": "EVENT"}}, "body": {json.dumps(event)}}}\n')

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
