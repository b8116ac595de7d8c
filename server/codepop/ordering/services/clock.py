"""What happens to orders by the passing of time."""

from datetime import datetime, timedelta
from uuid import UUID

from codepop.core.db import transaction, transaction_required
from codepop.core.errors import AppError
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.gateways.errors import GatewayError
from codepop.inventory import services as inventory
from codepop.kit.clock import now
from codepop.ordering.events import OrderExpired
from codepop.ordering.machine import Move, Status
from codepop.ordering.models import Order, Quote
from codepop.ordering.services.customer import cancel_order, follow_pickup
from codepop.ordering.services.moves import SYSTEM, locked_order, move
from codepop.payments import services as payments
from codepop.payments.errors import Contradiction

log = get_logger(__name__)

BATCH = 100
NEVER_STARTED_AFTER = timedelta(hours=24)
ASKED_IN_VAIN_FOR = timedelta(minutes=2)
"""After this an order expires though the provider can't be asked, refuses or contradicts: its stock is not held on."""

QUOTES_KEPT = timedelta(hours=24)


def release_due_orders() -> int:
    """Send paid orders whose time has come to the robots; returns how many."""
    due = Order.objects.filter(status=Status.PAID, release_at__lte=now()).order_by("release_at")
    return sum(_release(order_id) for order_id in list(due.values_list("id", flat=True)[:BATCH]))


def _release(order_id: UUID) -> bool:
    with transaction():
        order = locked_order(order_id)
        if order.status != Status.PAID:
            return False
        follow_pickup(order, actor=SYSTEM)
        return order.status == Status.QUEUED


def expire_stale_orders() -> int:
    """Close orders that were not paid in time, and refund paid ones that nobody ever asked to be made.

    The provider is asked first: a charge that succeeded meanwhile wins, and the order is paid. While it stays away, or
    gives no answer that can be used, the order closes all the same, and a charge that shows later is given back: those
    that never get an answer would stand before all others for good. Returns how many closed.
    """
    unpaid = Order.objects.filter(status=Status.PAYMENT_PENDING, pay_until__lt=now()).order_by("pay_until")
    closed = sum(_expire(order_id) for order_id in list(unpaid.values_list("id", flat=True)[:BATCH]))
    forgotten = Order.objects.filter(
        status=Status.PAID, release_at=None, status_at__lt=now() - NEVER_STARTED_AFTER
    ).values_list("id", flat=True)
    for order_id in list(forgotten[:BATCH]):
        closed += _refund_forgotten(order_id)
    return closed


def _expire(order_id: UUID) -> bool:
    try:
        if payments.cancel_intent(reference=order_id).status != "cancelled":
            return False
    except (GatewayError, AppError) as error:
        log.warning("expiry_waits", order=str(order_id), reason=error.code or type(error).__name__)
        return isinstance(error, (GatewayError, Contradiction)) and _expire_unheard(order_id)
    with transaction():
        return _close_unpaid(order_id)


def _expire_unheard(order_id: UUID) -> bool:
    """Give the stock of an order back though the provider tells nothing, and have its payment made unpayable later.

    Should it turn out to be charged after all, the money goes back (`money.take_payment`).
    """
    with transaction():
        closed = _close_unpaid(order_id, not_after=now() - ASKED_IN_VAIN_FOR)
        if closed:
            payments.cancel_open_intent(reference=order_id)
        return closed


@transaction_required
def _close_unpaid(order_id: UUID, *, not_after: datetime | None = None) -> bool:
    order = locked_order(order_id)
    if order.status != Status.PAYMENT_PENDING or order.pay_until > (not_after or now()):
        return False
    move(order, Move.EXPIRE, actor=SYSTEM, reason="Not paid in time.")
    inventory.release(reference=order.id)
    publish(OrderExpired(order_id=order.id, store_id=order.store_id))
    return True


def _refund_forgotten(order_id: UUID) -> bool:
    try:
        cancel_order(order_id=order_id, actor=SYSTEM, reason="Never asked to be made.")
    except AppError as error:
        log.info("forgotten_order_left", order=str(order_id), reason=error.code)
        return False
    return True


def forget_quotes() -> int:
    """Delete quotes that expired a day ago; returns how many. Orders keep what they were made from."""
    return Quote.objects.filter(expires_at__lt=now() - QUOTES_KEPT).delete()[0]
