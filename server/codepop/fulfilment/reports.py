"""A device's report as it came in, checked for form but not yet for sense."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Report:
    """One numbered report; numbers only grow, for each device by itself."""

    seq: int
    type: str
    at: datetime
    ticket_id: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> int | None:
        """Return a whole number of the data, or None when it is missing or something else."""
        value = self.data.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def text(self, name: str) -> str:
        """Return a text of the data, or an empty one."""
        value = self.data.get(name)
        return value[:80] if isinstance(value, str) else ""

    def uuid(self, name: str) -> UUID | None:
        """Return an id of the data, or None when it is missing or not one."""
        try:
            return UUID(self.text(name))
        except ValueError:
            return None
