"""The inbox: each verified message of a provider becomes one row, committed before we say yes, and is worked on later.

Only what is needed to ask the provider again is kept, not the body: the handler never believes a message, it fetches
the object it names. Duplicates meet the unique key and change nothing.

The table is its own queue (docs/decisions/0009): a worker claims what is due by moving `next_try_at` to when the claim
runs out, and whatever ends its work (applied, parked, provider away) is one more write of the same row. A worker that
dies leaves a claim that runs out. Which provider's messages go to whom stands in `config/wiring.py`.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.utils.module_loading import import_string

from codepop.core.db import require_transaction
from codepop.core.log import get_logger
from codepop.core.models import InboxMessage, InboxState
from codepop.core.statements import fetch, fetch_one, run
from codepop.kit.clock import now

log = get_logger(__name__)

CHANNEL = "codepop_inbox"
"""NOTIFY tells the workers at the commit of a message that there is one."""

CLAIM = timedelta(seconds=30)
"""Longer than a look at a provider takes with its deadline and its second try; work done twice does no harm."""

BATCH = 8
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Message:
    """What a provider told us: its own id for the message, the kind, and the id of the object it is about."""

    provider: str
    external_id: str
    kind: str
    subject: str
    happened_at: datetime | None


@dataclass(frozen=True)
class Claimed:
    """Claimed messages of one kind about one object: one look at it answers them all."""

    messages: Sequence[InboxMessage]

    @property
    def provider(self) -> str:
        """Return whose messages these are."""
        return self.messages[0].provider


Handler = Callable[[Sequence[InboxMessage]], object]
"""Looks at what the messages (one kind, one object) are about and closes or postpones them, or raises TryLater."""


class TryLater(Exception):
    """The provider can't be asked now: the messages wait, the longer the older they are."""


_INSERT = f"""
    WITH stored AS (
        INSERT INTO core_inboxmessage (provider, external_id, kind, subject, happened_at, state, attempts, note)
        VALUES (%s, %s, %s, %s, %s, 'new', 0, '')
        ON CONFLICT (provider, external_id) DO NOTHING RETURNING id
    )
    SELECT id, pg_notify('{CHANNEL}', '') FROM stored
"""
_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id FROM core_inboxmessage
        WHERE state IN ('new', 'parked') AND (next_try_at IS NULL OR next_try_at <= %s)
        ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
    UPDATE core_inboxmessage AS message SET next_try_at = %s FROM due WHERE message.id = due.id
    RETURNING message.id, provider, external_id, kind, subject, state, attempts, received_at
"""
_CLAIMED_COLUMNS = ("id", "provider", "external_id", "kind", "subject", "state", "attempts", "received_at")
_CLOSE = """
    UPDATE core_inboxmessage
    SET state = %s, note = %s, done_at = %s, attempts = attempts + 1, next_try_at = NULL
    WHERE id = ANY(%s) AND state IN ('new', 'parked')
"""
_POSTPONE = "UPDATE core_inboxmessage SET next_try_at = %s WHERE id = ANY(%s) AND state IN ('new', 'parked')"


def receive(message: Message) -> bool:
    """Store the message and wake the workers, in one statement that is its own commit; False for a repeated one."""
    values = (message.provider, message.external_id, message.kind, message.subject, message.happened_at)
    return fetch_one(_INSERT, values) is not None


def drain() -> int:
    """Work on everything that is due now, in this thread; returns the number of messages that were worked on.

    The worker's threads do the same piece by piece (`core.inbox_worker`). A handler's error postpones its messages
    and does not stop the others. What becomes due meanwhile is left to the next call: while a provider is away, the
    looks together may take longer than a message then waits, and this would never end.
    """
    worked, begin = 0, now()
    while claimed := claim(BATCH, due=begin):
        for one in claimed:
            work_on(one)
            worked += len(one.messages)
    return worked


def claim(limit: int, *, due: datetime | None = None) -> list[Claimed]:
    """Claim at most so many messages that are due, oldest first; until the claim runs out nobody else gets them.

    `due`: those that were due at that moment, not now.
    """
    at = now()
    rows = fetch(_CLAIM, (due or at, limit, at + CLAIM))
    found = [InboxMessage(**dict(zip(_CLAIMED_COLUMNS, row, strict=True))) for row in rows]
    found.sort(key=lambda message: (_about(message), message.id))
    together = [Claimed(tuple(messages)) for _, messages in groupby(found, key=_about)]
    return sorted(together, key=lambda one: one.messages[0].id)


def _about(message: InboxMessage) -> tuple[str, str, str]:
    return message.provider, message.kind, message.subject


def work_on(claimed: Claimed) -> None:
    """Give messages to their provider's handler; whatever it raises, they are tried again later."""
    try:
        _handlers()[claimed.provider](claimed.messages)
    except TryLater as error:
        log.warning("messages_wait", reason=str(error), **_facts(claimed))
        _wait(claimed.messages)
    except Exception:
        log.exception("messages_failed", **_facts(claimed))
        _wait(claimed.messages)


def _facts(claimed: Claimed) -> dict[str, object]:
    return {"count": len(claimed.messages), **claimed.messages[0].facts()}


def _wait(messages: Sequence[InboxMessage]) -> None:
    """Wait as long again as a message has waited already: that doubles the time, and needs no counter."""
    at = now()
    for message in messages:
        postpone([message], until=at + min(max(at - message.received_at, SHORTEST_WAIT), LONGEST_WAIT))


def postpone(messages: Iterable[InboxMessage], *, until: datetime) -> None:
    """Let messages wait; ends their claim."""
    run(_POSTPONE, (until, [message.id for message in messages]))


def close(messages: Iterable[InboxMessage], state: InboxState, note: str = "") -> InboxState:
    """End the work on messages, in the transaction of its effect; those that are closed already stay as they are."""
    require_transaction()
    run(_CLOSE, (state.value, note, now(), [message.id for message in messages]))
    return state


@functools.cache
def _handlers() -> Mapping[str, Handler]:
    handlers: Mapping[str, Handler] = import_string(settings.INBOX_WIRING)
    return handlers
