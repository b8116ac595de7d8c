"""A door's stay with an order: held, loaded, then opened or emptied, and free again."""

import secrets
from datetime import datetime

from django.db import IntegrityError
from django.db import transaction as django_transaction

from codepop.core.db import transaction_required
from codepop.fulfilment.codes import fingerprint
from codepop.fulfilment.limits import pickup_time
from codepop.fulfilment.models import DoorCommand, DoorOutcome, DoorState, DoorUse, Ticket
from codepop.fulfilment.selectors import free_door_ids, has_due_tickets
from codepop.fulfilment.services.wakeup import refresh_store, wake_robots
from codepop.kit.clock import now
from codepop.stores import selectors as stores

_NONCE_BITS = 31
_DOOR_TAKEN = "door_one_active_use"
_CODE_TAKEN = "code_unique_in_store"


@transaction_required
def hold_door(ticket: Ticket) -> DoorUse | None:
    """Take a free working door of the ticket's store with a fresh code, or return None when there is none.

    Whoever comes second to a door waits for the first one's commit and goes on to the next door: the
    partial unique index decides, not this code.
    """
    key = stores.pickup_key(ticket.store_id)
    free = free_door_ids(ticket.store_id)
    while free:
        nonce = secrets.randbits(_NONCE_BITS)
        use = DoorUse(
            store_id=ticket.store_id,
            door_id=free[0],
            ticket=ticket,
            nonce=nonce,
            fingerprint=fingerprint(key=key, order_id=ticket.order_id, nonce=nonce),
            held_at=now(),
        )
        taken = _insert(use)
        if taken is None:
            return use
        if taken == _DOOR_TAKEN:
            free = free[1:]
    return None


def _insert(use: DoorUse) -> str | None:
    """Insert; returns the name of the constraint that says the door or the code is taken, None when it went in."""
    try:
        with django_transaction.atomic():
            use.save(force_insert=True)
    except IntegrityError as error:
        name: str | None = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in (_DOOR_TAKEN, _CODE_TAKEN):
            raise
        return name
    return None


@transaction_required
def load_door(use: DoorUse, *, at: datetime) -> datetime:
    """Record that the drink stands behind the held door since `at`; returns when its code expires."""
    use.state = DoorState.LOADED
    use.loaded_at = at
    use.expires_at = at + pickup_time()
    use.save(update_fields=["state", "loaded_at", "expires_at"])
    return use.expires_at


@transaction_required
def free_door(use: DoorUse, *, outcome: DoorOutcome) -> None:
    """End the stay: the door can be given to the next order, and robots that wait for one are woken."""
    use.state = DoorState.CLOSED
    use.outcome = outcome
    use.closed_at = max(now(), use.held_at)
    use.save(update_fields=["state", "outcome", "closed_at"])
    finish_commands(use)
    if has_due_tickets(use.store_id):
        wake_robots(use.store_id)
    refresh_store(use.store_id)


@transaction_required
def finish_commands(use: DoorUse) -> None:
    """Take back what the door controller was still to do for this stay."""
    DoorCommand.objects.filter(use=use, done_at=None).update(done_at=now())
