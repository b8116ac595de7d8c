"""Notices in the app."""

from uuid import UUID

from codepop.core.db import transaction_required
from codepop.core.errors import NotFound
from codepop.kit.clock import now
from codepop.notifications.kinds import Channel
from codepop.notifications.models import Message


@transaction_required
def show_again(*, key: str) -> bool:
    """Count a notice as not seen, since what it says has changed. False when there is none."""
    changed = Message.objects.filter(key=key, channel=Channel.IN_APP).update(seen_at=None)
    return changed > 0


def see_notice(*, order_id: UUID, notice_id: UUID) -> None:
    """Note that a notice of an order was seen; seeing it again changes nothing. Raises NotFound."""
    mine = Message.objects.filter(id=notice_id, order_id=order_id, channel=Channel.IN_APP)
    if not mine.filter(seen_at=None).update(seen_at=now()) and not mine.exists():
        raise NotFound
