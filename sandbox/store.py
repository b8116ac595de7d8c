"""The sandbox's memory: plain JSON objects by kind and id, written through to one SQLite file so that a restart keeps
everything.

Objects are JSON documents in the provider's own shape. Two rules keep this cheap and safe: nested values are
replaced, never changed in place (so a shallow copy is a snapshot), and keys that begin with an underscore are the
sandbox's own notes, never sent to anyone. Synchronous writes to disk are off: the file survives a killed process,
which is what a restart is; not a power cut.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (seq INTEGER PRIMARY KEY, kind TEXT, id TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
"""


class Store:
    """All state of the sandbox. Not thread-safe: used from the one event loop only."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / "sandbox.sqlite3", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.executescript(SCHEMA)
        self._kinds: dict[str, dict[str, Json]] = {}
        self._changed: dict[int, tuple[str, Json]] = {}
        self._gone: list[int] = []
        self._next = 1
        self._load()

    def _load(self) -> None:
        for seq, kind, key, body in self._database.execute("SELECT seq, kind, id, body FROM objects ORDER BY seq"):
            self._kinds.setdefault(kind, {})[key] = json.loads(body)
            self._next = seq + 1

    def all(self, kind: str) -> dict[str, Json]:
        """The objects of one kind by id, oldest first. Read only: write with `put`."""
        return self._kinds.setdefault(kind, {})

    def newest_first(self, kind: str) -> Iterator[Json]:
        return reversed(self.all(kind).values())

    def get(self, kind: str, key: str) -> Json | None:
        return self.all(kind).get(key)

    def put(self, kind: str, item: Json) -> Json:
        """Keep `item` (its "id" is the key). Call again after changing it; `flush` makes it last."""
        objects = self._kinds.setdefault(kind, {})
        key = item["id"]
        if key not in objects:
            item["_seq"] = self._next
            self._next += 1
            objects[key] = item
        self._changed[item["_seq"]] = kind, item
        return item

    def remove(self, kind: str, key: str) -> None:
        item = self.all(kind).pop(key, None)
        if item is not None:
            self._changed.pop(item["_seq"], None)
            self._gone.append(item["_seq"])

    def flush(self) -> None:
        """Write all changes since the last flush in one transaction."""
        if not self._changed and not self._gone:
            return
        rows = [(seq, kind, item["id"], json.dumps(item)) for seq, (kind, item) in self._changed.items()]
        self._database.execute("BEGIN")
        if self._gone:
            self._database.executemany("DELETE FROM objects WHERE seq = ?", [(seq,) for seq in self._gone])
        self._database.executemany("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", rows)
        self._database.execute("COMMIT")
        self._changed.clear()
        self._gone.clear()

    def read_meta(self, name: str) -> Any:
        """A named value that is no object, such as the clock; None when never written."""
        row = self._database.execute("SELECT body FROM meta WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def write_meta(self, name: str, value: Any) -> None:
        self._database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value)))

    def clear(self) -> None:
        """Forget everything, on disk too."""
        self._kinds.clear()
        self._changed.clear()
        self._gone.clear()
        self._database.executescript("DELETE FROM objects; DELETE FROM meta;")

    def close(self) -> None:
        self.flush()
        self._database.close()
