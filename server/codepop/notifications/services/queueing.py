"""Putting messages into the queue, in the transaction of what they are about."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core import rows
from codepop.core.db import transaction_required
from codepop.core.jobs import defer
from codepop.kit.clock import now
from codepop.kit.ids import uuid7
from codepop.notifications.kinds import RULES, Channel, Kind, Urgency
from codepop.notifications.models import Message, State


@dataclass(frozen=True)
class Wish:
    """What is to be said, by which channel. `key` names the event: the same key and channel is said once."""

    key: str
    kind: Kind
    channel: Channel = Channel.MAIL
    user_id: UUID | None = None
    order_id: UUID | None = None
    subject_id: str = ""
    address: str = ""


@transaction_required
def queue(*wishes: Wish) -> None:
    """Store the messages, each at most once. One about an account goes out at once, the others by the next sweep.

    A notice in the app is there as soon as it is stored.
    """
    if not wishes:
        return
    messages = [_row(wish) for wish in wishes]
    rows.insert_once(*messages)
    for message in messages:
        if message.channel == Channel.MAIL and message.urgency == Urgency.ACCOUNT:
            defer("notifications.deliver", message_id=str(message.id))


def _row(wish: Wish) -> Message:
    by_mail = wish.channel == Channel.MAIL
    at = now()
    return Message(
        id=uuid7(),
        key=wish.key,
        channel=wish.channel.value,
        kind=wish.kind.value,
        urgency=RULES[wish.kind].urgency.value,
        user_id=wish.user_id,
        order_id=wish.order_id,
        subject_id=wish.subject_id,
        address=wish.address,
        state=State.QUEUED if by_mail else State.SENT,
        next_try_at=at if by_mail else None,
        done_at=None if by_mail else at,
    )


def retry_dead(*, failure: str = "") -> int:
    """Queue again what was given up, all or one kind of failure, when the cause is mended; returns how many."""
    dead = Message.objects.filter(state=State.DEAD, channel=Channel.MAIL)
    if failure:
        dead = dead.filter(failure=failure)
    return dead.update(state=State.QUEUED, attempts=0, next_try_at=now(), done_at=None, failure="")
