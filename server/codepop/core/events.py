"""Events: how a feature tells those above it what happened, without knowing them.

`config/wiring.py` maps each event to its handlers. Nothing is sent "after commit" from memory: what must
happen later is a job row of the same transaction, so a crash loses neither or both.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from codepop.core.db import require_transaction
from codepop.core.jobs import defer


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened: ids and plain values only. Sub-classes are frozen dataclasses, past tense."""

    def facts(self) -> dict[str, Any]:
        """Return the fields as JSON values, for a job's arguments."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: str(v) if isinstance(v, UUID | datetime) else v for k, v in plain.items()}


@dataclass(frozen=True)
class Inside:
    """Run `handler(event)` now, in the publishing transaction."""

    handler: Callable[[Any], None]


@dataclass(frozen=True)
class After:
    """Add a job `task` with the event's facts as arguments to the publishing transaction."""

    task: str


@functools.cache
def _wiring() -> Mapping[type[Event], Sequence[Inside | After]]:
    wiring: Mapping[type[Event], Sequence[Inside | After]] = import_string(settings.EVENT_WIRING)
    return wiring


def publish(event: Event) -> None:
    """Tell the event's handlers, in the order of the wiring; must be inside the command's transaction.

    An event without an entry in the wiring raises KeyError: silence would be a lost message.
    """
    require_transaction()
    for reaction in _wiring()[type(event)]:
        if isinstance(reaction, Inside):
            reaction.handler(event)
        else:
            defer(reaction.task, **event.facts())
