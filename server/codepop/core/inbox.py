"""The inbox: each verified message of a provider becomes one row and one job, in one commit, before we say yes.

Only what is needed to ask the provider again is kept, not the body: the handler never believes a message,
it fetches the object it names. Duplicates meet the unique key and change nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from codepop.core.db import transaction
from codepop.core.jobs import defer


@dataclass(frozen=True)
class Message:
    """What a provider told us: its own id for the message, the kind, and the id of the object it is about."""

    provider: str
    external_id: str
    kind: str
    subject: str
    happened_at: datetime | None


_INSERT = """
    INSERT INTO core_inboxmessage (provider, external_id, kind, subject, happened_at, state, attempts, note)
    VALUES (%s, %s, %s, %s, %s, 'new', 0, '')
    ON CONFLICT (provider, external_id) DO NOTHING RETURNING id
"""


def receive(message: Message, *, job: str) -> bool:
    """Store the message and add `job(message_id=...)`; returns False, with nothing written, for a repeated one."""
    values = (message.provider, message.external_id, message.kind, message.subject, message.happened_at)
    with transaction():
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, values)
            row = cursor.fetchone()
        if row is None:
            return False
        defer(job, message_id=row[0])
    return True
