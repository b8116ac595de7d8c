"""What ordering does when payments tell it something; all inside the transaction that recorded it."""

from codepop.ordering import services
from codepop.payments.events import (
    PaymentCancelled,
    PaymentFailed,
    PaymentNeedsAction,
    PaymentSucceeded,
    RefundSettled,
)


def payment_succeeded(event: PaymentSucceeded) -> None:
    """The order is paid, and released when it is wanted now."""
    services.take_payment(order_id=event.reference)


def payment_changed(event: PaymentFailed | PaymentNeedsAction | PaymentCancelled) -> None:
    """The order's screens read again."""
    services.note_payment_change(order_id=event.reference)


def refund_settled(event: RefundSettled) -> None:
    """The order's screens show that the money is back, or that it is not."""
    services.note_payment_change(order_id=event.reference)
