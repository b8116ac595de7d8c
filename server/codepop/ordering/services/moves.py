"""One way to move an order: locked, by the table, with who and why."""

from uuid import UUID

from codepop.core import rows
from codepop.core.db import transaction_required
from codepop.core.errors import NotFound
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.kit.clock import now
from codepop.ordering.errors import IllegalMove
from codepop.ordering.events import OrderReleased
from codepop.ordering.machine import Move, Status, after
from codepop.ordering.models import Order
from codepop.payments import services as payments

log = get_logger(__name__)

SYSTEM = "system"
ROBOTS = "robots"
_MOVED = ["status", "status_at", "status_actor", "status_reason", "version"]


@transaction_required
def locked_order(order_id: UUID) -> Order:
    """Lock an order; raises NotFound. Rows that merely point at it are not blocked."""
    order = rows.find(Order, lock=True, id=order_id)
    if order is None:
        raise NotFound
    return order


@transaction_required
def move(order: Order, what: Move, *, actor: str, reason: str = "", **changes: object) -> Order:
    """Move a locked order and set `changes` in the same UPDATE; raises IllegalMove, with nothing changed."""
    status = after(Status(order.status), what)
    if status is None:
        log.warning("order_move_refused", order=str(order.id), status=order.status, move=what.value, actor=actor)
        raise IllegalMove(fields={"status": order.status})
    order.status, order.status_at = status.value, now()
    order.status_actor, order.status_reason = actor[:60], reason[:200]
    return touch(order, *_MOVED, **changes)


@transaction_required
def touch(order: Order, *moved: str, **changes: object) -> Order:
    """Save `changes` of a locked order and raise its version."""
    for name, value in changes.items():
        setattr(order, name, value)
    order.version += 1
    rows.update(order, {"version", *moved, *changes})
    return order


@transaction_required
def release(order: Order, *, actor: str, reason: str = "") -> Order:
    """Put a paid order into its store's queue."""
    order = move(order, Move.RELEASE, actor=actor, reason=reason, release_at=now())
    publish(OrderReleased(order_id=order.id, store_id=order.store_id, make_seconds=order.make_seconds))
    return order


@transaction_required
def return_money(order: Order, *, reason: str, actor: str) -> None:
    """Give back all that is left of what was charged; a free remake was charged nothing."""
    if order.remake_of_id is None:
        payments.request_refund(reference=order.id, amount_cents=None, reason=reason, actor=actor)
