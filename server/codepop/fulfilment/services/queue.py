"""Orders come into a store's queue, and leave it again before a robot has them."""

from datetime import datetime
from uuid import UUID

from codepop.core.db import transaction_required
from codepop.core.statements import run
from codepop.fulfilment.models import Ticket, TicketStatus
from codepop.kit.clock import now
from codepop.kit.ids import uuid7

_ENQUEUE = """
    WITH put AS (
        INSERT INTO fulfilment_ticket AS t
            (id, order_id, store_id, release_at, status, attempts, make_seconds, allergens, work)
        VALUES (%(id)s, %(order)s, %(store)s, %(at)s, 'queued', 0, %(seconds)s, '{}', '{}')
        ON CONFLICT (order_id) DO UPDATE SET status = 'queued', release_at = excluded.release_at
            WHERE t.status = 'cancelled'
        RETURNING store_id
    )
    SELECT pg_notify('codepop_work', store_id || ' robots') FROM put
"""
"""One statement, since it is part of every payment's transaction."""


@transaction_required
def enqueue(*, order_id: UUID, store_id: UUID, make_seconds: int) -> None:
    """Put a released order into its store's queue and wake the robots; an order that is in it stays as it is."""
    row: dict[str, str | int | datetime] = {
        "id": str(uuid7()),
        "order": str(order_id),
        "store": str(store_id),
        "at": now(),
        "seconds": make_seconds,
    }
    run(_ENQUEUE, row)


@transaction_required
def withdraw(*, order_id: UUID) -> None:
    """Take an order out of the queue that is no longer wanted now.

    Called while the order's row is locked, so a ticket that a claim holds locked is left alone: that claim
    will find the order's new state and withdraw the ticket itself. Waiting for it here would be a ring.
    """
    waiting = Ticket.objects.filter(order_id=order_id, status=TicketStatus.QUEUED)
    found = waiting.select_for_update(skip_locked=True, of=("self",)).values_list("id", flat=True)
    Ticket.objects.filter(id__in=list(found)).update(status=TicketStatus.CANCELLED)
