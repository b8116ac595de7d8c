"""Who was erased, in a file apart from the database: it survives a restore, so that the restored are erased again.

A line holds ids only: of the erasure, the account, the orders. In a database without the person they lead nowhere; in a
backup from before they find the rows. The file belongs on another disk, and into another backup, than the database.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from codepop.privacy.models import Erasure, ErasureState


@dataclass(frozen=True)
class Tombstone:
    """One erased person; `at` is when it was decided for good."""

    erasure_id: UUID
    person_id: UUID | None
    order_ids: frozenset[UUID]
    at: datetime

    def line(self) -> str:
        """Return the line of the file."""
        return json.dumps(
            {
                "erasure": str(self.erasure_id),
                "person": str(self.person_id) if self.person_id else None,
                "orders": sorted(str(one) for one in self.order_ids),
                "at": self.at.isoformat(),
            }
        )


def write_tombstone(stone: Tombstone) -> None:
    """Append to the file, and return once it is on the disk. The same one may come twice: it does no harm."""
    path: Path = settings.CODEPOP.tombstone_file
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(stone.line() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_tombstones(paths: Iterable[Path]) -> Iterator[Tombstone]:
    """Yield what the files hold, each person once. A last line that was cut by a crash is left out."""
    seen: set[UUID] = set()
    for path in paths:
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                stone = _parse(json.loads(line))
            except (ValueError, KeyError):
                continue
            if stone.erasure_id not in seen:
                seen.add(stone.erasure_id)
                yield stone


def _parse(fields: dict[str, object]) -> Tombstone:
    person, orders = fields["person"], fields["orders"]
    assert isinstance(orders, list)
    return Tombstone(
        UUID(str(fields["erasure"])),
        UUID(str(person)) if person else None,
        frozenset(UUID(str(one)) for one in orders),
        datetime.fromisoformat(str(fields["at"])),
    )


def stored_tombstones() -> Iterator[Tombstone]:
    """Yield those of this database, to write the file anew when it was lost."""
    for row in Erasure.objects.filter(state=ErasureState.DONE).order_by("done_at", "id"):
        assert row.done_at is not None
        yield Tombstone(row.id, row.person_id, frozenset(row.order_ids), row.done_at)
