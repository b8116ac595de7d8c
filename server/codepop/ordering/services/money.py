"""What an order does when its payment changes; always inside the transaction that recorded the change."""

from uuid import UUID

from django.db.models import F

from codepop.core.db import transaction_required
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.ordering.events import OrderPaid
from codepop.ordering.machine import Move, Status
from codepop.ordering.models import Order
from codepop.ordering.services.customer import follow_pickup
from codepop.ordering.services.moves import locked_order, move
from codepop.payments import services as payments

log = get_logger(__name__)

PROVIDER = "stripe"
_OVER_UNPAID = (Status.CANCELLED, Status.EXPIRED)


@transaction_required
def take_payment(*, order_id: UUID) -> None:
    """Mark the order as paid, and release it when its person wants it now; may be called again.

    A success that comes after the order was cancelled or expired is given back, once.
    """
    order = locked_order(order_id)
    if order.status in _OVER_UNPAID:
        log.warning("late_payment", order=str(order.id), status=order.status)
        payments.request_refund(reference=order.id, amount_cents=None, reason="late_payment", actor=PROVIDER)
        note_payment_change(order_id=order_id)
    elif order.status == Status.PAYMENT_PENDING:
        move(order, Move.PAY, actor=PROVIDER)
        publish(OrderPaid(order_id=order.id, store_id=order.store_id))
        if order.pickup_mode:
            follow_pickup(order, actor=PROVIDER)


@transaction_required
def note_payment_change(*, order_id: UUID) -> None:
    """Let the order's screens read again: its payment or refund looks different now."""
    Order.objects.filter(id=order_id).update(version=F("version") + 1)
