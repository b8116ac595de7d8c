"""Drinks that nobody fetched: the code stops working, the order is discarded, the door is emptied and free (DOM-27)."""

from datetime import datetime
from uuid import UUID

from codepop.core.db import transaction
from codepop.core.events import publish
from codepop.fulfilment import limits
from codepop.fulfilment.events import DoorOverdue
from codepop.fulfilment.models import CommandType, DoorCommand, DoorState, DoorUse
from codepop.fulfilment.selectors import controller_seen_at
from codepop.fulfilment.services.doors import finish_commands
from codepop.fulfilment.services.sweeping import each_alone
from codepop.fulfilment.services.wakeup import wake_doors
from codepop.kit.clock import now
from codepop.ordering import services as ordering


def discard_overdue() -> int:
    """Discard drinks whose time is over; returns how many. Runs every few seconds.

    The store's door controller must have spoken since the time was over, since it may have opened the door by the
    offline code (D10); one that stays silent is waited for no longer than DISCARD_AWAY_LIMIT.
    """
    overdue = DoorUse.objects.filter(state=DoorState.LOADED, expires_at__lte=now()).order_by("expires_at")
    return each_alone(_discard, list(overdue.values_list("id", flat=True)[:200]), alert="fulfilment.overdue")


def _discard(use_id: UUID) -> bool:
    with transaction():
        loaded = DoorUse.objects.filter(id=use_id, state=DoorState.LOADED).select_related("ticket", "door")
        use = loaded.select_for_update(skip_locked=True, of=("self",)).first()
        if use is None or use.expires_at is None:
            return False
        if not _controller_has_spoken(use.store_id, since=use.expires_at):
            wake_doors(use.store_id)
            return False
        use.state = DoorState.EMPTYING
        use.save(update_fields=["state"])
        finish_commands(use)
        DoorCommand.objects.create(store_id=use.store_id, use=use, type=CommandType.DISCARD)
        ordering.mark_discarded(order_id=use.ticket.order_id)
        wake_doors(use.store_id)
        publish(DoorOverdue(order_id=use.ticket.order_id, store_id=use.store_id, door_number=use.door.number))
        return True


def _controller_has_spoken(store_id: UUID, *, since: datetime) -> bool:
    heard = controller_seen_at(store_id)
    return heard is None or heard >= since or now() > since + limits.DISCARD_AWAY_LIMIT
