"""What the machines do to an order; each runs inside fulfilment's transaction. Stock is fulfilment's business then."""

from datetime import datetime, timedelta
from uuid import UUID

from codepop.core.db import transaction_required
from codepop.core.events import publish
from codepop.inventory import services as inventory
from codepop.kit.clock import now
from codepop.ordering.events import OrderDiscarded, OrderFailed, OrderPickedUp, OrderReady
from codepop.ordering.machine import Move, Status
from codepop.ordering.services.moves import ROBOTS, locked_order, move, return_money, touch


@transaction_required
def start_preparation(*, order_id: UUID, robot_name: str, door_number: int, code_nonce: int) -> None:
    """A robot has the order and a door is held for it: from here on it can't be cancelled. Raises IllegalMove."""
    order = locked_order(order_id)
    move(
        order,
        Move.START,
        actor=robot_name or ROBOTS,
        robot_name=robot_name,
        door_number=door_number,
        code_nonce=code_nonce,
        drink_index=0,
        step_text="",
        share_permille=0,
        ready_estimate_at=now() + timedelta(seconds=order.make_seconds),
    )


@transaction_required
def record_progress(*, order_id: UUID, drink_index: int, drinks: int, step_text: str, share: float) -> None:
    """Show which drink of how many is at which step; reports that come late, after the order moved on, are dropped."""
    order = locked_order(order_id)
    if order.status != Status.PREPARING:
        return
    permille = min(1000, max(0, round(share * 1000)))
    touch(order, drink_index=min(drink_index, drinks), step_text=step_text[:80], share_permille=permille)


@transaction_required
def mark_ready(*, order_id: UUID, expires_at: datetime) -> None:
    """The drinks stand behind the door, until `expires_at`. Raises IllegalMove."""
    order = locked_order(order_id)
    move(order, Move.FINISH, actor=order.robot_name or ROBOTS, fetch_until=expires_at, share_permille=1000)
    publish(OrderReady(order_id=order.id, store_id=order.store_id))


@transaction_required
def mark_picked_up(*, order_id: UUID) -> None:
    """The door was opened by its code. Raises IllegalMove."""
    order = locked_order(order_id)
    move(order, Move.PICK_UP, actor="door")
    publish(OrderPickedUp(order_id=order.id, store_id=order.store_id))


@transaction_required
def mark_discarded(*, order_id: UUID) -> None:
    """Not fetched in time. Raises IllegalMove."""
    order = locked_order(order_id)
    move(order, Move.DISCARD, actor="door", reason="Not fetched in time.")
    publish(OrderDiscarded(order_id=order.id, store_id=order.store_id))


@transaction_required
def return_to_queue(*, order_id: UUID, reason: str) -> None:
    """A robot had to stop: the order goes back into line, before those that came later. Raises IllegalMove."""
    order = locked_order(order_id)
    move(
        order,
        Move.RETURN,
        actor=order.robot_name or ROBOTS,
        reason=reason,
        robot_name="",
        door_number=None,
        code_nonce=None,
        drink_index=0,
        step_text="",
        share_permille=0,
    )


@transaction_required
def fail_order(*, order_id: UUID, reason: str) -> None:
    """Our machines can't make it: the money goes back by itself. Raises IllegalMove.

    What was never started gives its stock back here; what was spoiled is written off by fulfilment.
    """
    order = locked_order(order_id)
    started = order.status == Status.PREPARING
    move(order, Move.FAIL, actor=order.robot_name or ROBOTS, reason=reason)
    if not started:
        inventory.release(reference=order.id)
    return_money(order, reason="machine_failure", actor=ROBOTS)
    publish(OrderFailed(order_id=order.id, store_id=order.store_id))
