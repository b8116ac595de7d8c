"""Clock-driven work on orders."""

from codepop.core.jobs import Lane, periodic
from codepop.ordering import services


@periodic("*/2 * * * * *", name="ordering.release_due")
def release_due() -> None:
    """Send scheduled orders to the robots in time."""
    services.release_due_orders()


@periodic("*/20 * * * * *", name="ordering.expire_stale", lane=Lane.PAYMENTS)
def expire_stale() -> None:
    """Close orders that were not paid in time."""
    services.expire_stale_orders()


@periodic("*/5 * * * * *", name="ordering.take_waiting_payments", lane=Lane.PAYMENTS)
def take_waiting_payments() -> None:
    """Go on with orders that wait for the payment provider, once it is back."""
    services.take_waiting_payments()


@periodic("41 * * * *", name="ordering.forget_quotes")
def forget_quotes() -> None:
    """Delete quotes nobody used."""
    services.forget_quotes()
