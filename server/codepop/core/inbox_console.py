"""What an operator may do with a message of the inbox: have it looked at again, or let it go. Both are audited."""

from dataclasses import dataclass
from datetime import datetime

from codepop.core.audit import record_audit
from codepop.core.db import transaction
from codepop.core.errors import AppError
from codepop.core.models import InboxMessage, InboxState

HELD_SHOWN = 100


@dataclass(frozen=True)
class HeldMessage:
    """A message that is put aside until a person has looked."""

    id: int
    provider: str
    kind: str
    subject: str
    note: str
    received_at: datetime


def held_messages() -> list[HeldMessage]:
    """Return what is held for a person, oldest first."""
    rows = InboxMessage.objects.filter(state=InboxState.QUARANTINED).order_by("id")[:HELD_SHOWN]
    return [HeldMessage(row.id, row.provider, row.kind, row.subject, row.note, row.received_at) for row in rows]


class NoSuchMessage(AppError):
    code = "no_such_message"
    http_status = 404
    message = "There is no such message in the inbox, or it is not held."


def replay_message(*, message_id: int, by: str, note: str) -> None:
    """Make a message due again, whatever became of it: looking twice changes nothing. Raises NoSuchMessage."""
    with transaction():
        changed = InboxMessage.objects.filter(id=message_id).update(
            state=InboxState.NEW, attempts=0, next_try_at=None, done_at=None, note=f"replayed by {by}"
        )
        if not changed:
            raise NoSuchMessage
        record_audit(actor=by, action="inbox.replay", subject=str(message_id), note=note)


def release_message(*, message_id: int, by: str, note: str) -> None:
    """Let a held message go without applying it: a person has dealt with it. Raises NoSuchMessage."""
    with transaction():
        held = InboxMessage.objects.filter(id=message_id, state=InboxState.QUARANTINED)
        if not held.update(state=InboxState.IGNORED, note=f"released by {by}: {note}"):
            raise NoSuchMessage
        record_audit(actor=by, action="inbox.release", subject=str(message_id), note=note)
